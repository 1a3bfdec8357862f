"""The manifest of the reconciliation service: where everything is."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, Field

from app.api.reconciliation import RECONCILE_PREFIX, ReconciliationAccess
from app.api.reconciliation_pages import PREVIEW_HEIGHT, PREVIEW_WIDTH
from app.api.schemas.reconciliation import BATCH_SIZE, TYPES, TypeOut
from app.services.concept_catalogue import ConceptCatalogue

SPEC_VERSION = "0.2"
_CONCEPT = "http://www.w3.org/2004/02/skos/core#Concept"
_BEARER = {"type": "http", "scheme": "bearer"}


class ServiceOut(BaseModel):
    """Where one part of the service is."""

    service_url: str
    service_path: str


class UrlTemplate(BaseModel):
    """An address with `{{id}}` in the place of an identifier."""

    url: str


class PreviewTemplate(UrlTemplate):
    """Where previews are, and the size of the frame they are made for."""

    width: int
    height: int


class SuggestServices(BaseModel):
    """Where suggestions come from."""

    entity: ServiceOut
    type: ServiceOut
    property: ServiceOut


class SettingChoice(BaseModel):
    """A value of a setting."""

    value: str
    name: str


class SettingOut(BaseModel):
    """A setting of the properties to extend with."""

    name: str
    label: str
    type: str
    default: str
    help_text: str
    choices: list[SettingChoice]


class ExtendServices(BaseModel):
    """What can be told of reconciled concepts."""

    propose_properties: ServiceOut
    property_settings: list[SettingOut]


class ManifestOut(BaseModel):
    """What the service offers and where."""

    versions: list[str]
    name: str
    identifier_space: Annotated[str, Field(serialization_alias="identifierSpace")]
    schema_space: Annotated[str, Field(serialization_alias="schemaSpace")]
    default_types: Annotated[list[TypeOut], Field(serialization_alias="defaultTypes")]
    service_version: Annotated[str, Field(serialization_alias="serviceVersion")]
    view: UrlTemplate
    preview: PreviewTemplate
    suggest: SuggestServices
    extend: ExtendServices
    batch_size: Annotated[int, Field(serialization_alias="batchSize")]
    authentication: dict[str, str] | None = None

    @classmethod
    def of(
        cls,
        catalogue: ConceptCatalogue,
        *,
        base_url: str,
        lang: str,
        version: str,
        access: ReconciliationAccess,
    ) -> ManifestOut:
        """Describe the service of one release and language.

        ``base_url`` is where the caller reached the server, without a closing slash.
        """
        # The language stands in every address: programs that follow them send no Accept-Language.
        path = f"{RECONCILE_PREFIX}/{quote(catalogue.release, safe='')}/{lang}"
        page = f"{base_url}{path}/preview?id={{{{id}}}}"

        def service(name: str) -> ServiceOut:
            return ServiceOut(service_url=f"{base_url}{path}", service_path=f"/{name}")

        language = SettingOut(
            name="lang",
            label="Language",
            type="select",
            default=lang,
            help_text="Language of labels and descriptions.",
            choices=[SettingChoice(value=code, name=code) for code in catalogue.languages],
        )
        return cls(
            versions=[SPEC_VERSION],
            name=f"TalentBridge: {catalogue.release} ({lang})",
            identifier_space=catalogue.namespace or f"urn:talentbridge:taxonomy:{quote(catalogue.release)}:",
            schema_space=_CONCEPT,
            default_types=TYPES,
            service_version=version,
            view=UrlTemplate(url=page),
            preview=PreviewTemplate(url=page, width=PREVIEW_WIDTH, height=PREVIEW_HEIGHT),
            suggest=SuggestServices(
                entity=service("suggest/entity"),
                type=service("suggest/type"),
                property=service("suggest/property"),
            ),
            extend=ExtendServices(propose_properties=service("properties"), property_settings=[language]),
            batch_size=BATCH_SIZE,
            authentication=_BEARER if access is ReconciliationAccess.KEYS else None,
        )
