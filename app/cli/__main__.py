"""``python -m app.cli`` is the ``talentbridge`` command."""

from app.cli.main import main

main()
