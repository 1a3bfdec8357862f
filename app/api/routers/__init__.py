"""One module per resource; each translates between HTTP and services, without rules of its own."""

from starlette.convertors import StringConvertor, register_url_convertor


class _IdConvertor(StringConvertor):
    """One path segment without a colon, so that ``{id}:publish`` is never taken for an id."""

    regex = "[^/:]+"


# Here, because the routers' paths are compiled as soon as they are imported.
register_url_convertor("id", _IdConvertor())
