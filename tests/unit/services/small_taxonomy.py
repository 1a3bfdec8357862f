"""A taxonomy small enough to reason about: two occupations, seven skills, two languages."""

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.domain.taxonomy import Concept, Description, Label, Relation, Taxonomy

SKILL = "urn:test:skill:"
OCCUPATION = "urn:test:occupation:"

_SKILLS = {
    "arc-welding": (
        ("en", "perform arc welding", "arc welding"),
        ("fr", "souder à l'arc", "soudage à l'arc"),
    ),
    "grinding": (("en", "grind welds", "weld grinding"), ("fr", "meuler les soudures", "meulage")),
    "mig-welding": (("en", "weld with MIG equipment", "MIG welding"), ("fr", "souder au MIG", "soudage MIG")),
    "pipe-fitting": (("en", "fit pipes", "pipe fitting"), ("fr", "poser des tuyaux", "tuyauterie")),
    "plans": (
        ("en", "read technical drawings", "blueprint reading"),
        ("fr", "lire des plans", "lecture de plans"),
    ),
    "safety": (
        ("en", "follow safety rules", "site safety"),
        ("fr", "respecter la sécurité", "consignes de sécurité"),
    ),
    "unused-skill": (
        ("en", "bake sourdough bread", "sourdough"),
        ("fr", "faire du pain au levain", "levain"),
    ),
}
_OCCUPATIONS = {
    "pipe-fitter": ("7126", ("en", "pipe fitter", "plumber"), ("fr", "tuyauteur/tuyauteuse", "plombier")),
    "welder": ("7212", ("en", "welder", "MIG welder"), ("fr", "soudeur/soudeuse", "soudeur MIG")),
}
_ESSENTIAL = {
    "welder": ("mig-welding", "grinding", "safety"),
    "pipe-fitter": ("pipe-fitting", "plans", "safety"),
}


def small_taxonomy() -> Taxonomy:
    """Sorted as every reader sorts."""
    concepts = [Concept(SKILL + name, ConceptKind.SKILL) for name in _SKILLS]
    labels = []
    for name, names in _SKILLS.items():
        for lang, preferred, alternative in names:
            labels.append(Label(SKILL + name, lang, LabelKind.PREFERRED, preferred))
            labels.append(Label(SKILL + name, lang, LabelKind.ALTERNATIVE, alternative))
    for name, (isco, *occupation_names) in _OCCUPATIONS.items():
        concepts.append(Concept(OCCUPATION + name, ConceptKind.OCCUPATION, isco_group=isco))
        for lang, preferred, alternative in occupation_names:
            labels.append(Label(OCCUPATION + name, lang, LabelKind.PREFERRED, preferred))
            labels.append(Label(OCCUPATION + name, lang, LabelKind.ALTERNATIVE, alternative))
    relations = [
        Relation(OCCUPATION + occupation, RelationKind.ESSENTIAL, SKILL + skill)
        for occupation, skills in _ESSENTIAL.items()
        for skill in skills
    ]
    relations.append(Relation(SKILL + "mig-welding", RelationKind.BROADER, SKILL + "arc-welding"))
    relations.append(Relation(SKILL + "grinding", RelationKind.SKILL_OPTIONAL, SKILL + "safety"))
    return Taxonomy(
        name="small-1",
        checksum="0" * 64,
        languages=("en", "fr"),
        concepts=tuple(sorted(concepts)),
        labels=tuple(sorted(labels)),
        descriptions=(Description(SKILL + "safety", "en", "Keep to the rules that prevent accidents."),),
        relations=tuple(sorted(relations)),
    )
