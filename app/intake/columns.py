"""Which header of a table means which field.

``docs/file-mode.md`` prints this table; a test keeps the two the same.
"""

from __future__ import annotations

import re
import unicodedata

MAX_HEADER_CHARS = 200

VACANCY_COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("vacancy_id", "identifiant", "reference", "ref", "offre", "numero_offre"),
    "title": ("job_title", "titre", "intitule", "intitule_du_poste", "poste"),
    "description": ("descriptif", "job_description", "description_du_poste"),
    "lang": ("langue", "language"),
    "country": ("pays", "country_code"),
    "occupation": ("metier", "profession", "isco", "isco_code", "code_isco", "esco"),
    "skills": ("competences", "skill", "competence"),
    "languages": ("langues", "language_levels", "niveaux_de_langue"),
    "openings": ("postes", "nombre_de_postes", "places", "positions"),
    "starts_on": ("start_date", "date_de_debut", "debut", "date_d_embauche"),
    "region": ("nuts", "code_nuts", "region_de_travail"),
    "eqf_level": ("eqf", "cec", "niveau_cec"),
    "licences": ("licenses", "permis", "habilitations"),
    "experience_months": ("mois_d_experience", "experience_en_mois"),
    "roles": ("fonctions",),
    "seniorities": ("seniority", "niveau_d_experience", "experience_level"),
    "shifts": ("work_shifts", "rythme_de_travail"),
    "contract": ("contract_type", "contrat", "type_de_contrat"),
    "pay": ("gross_pay", "remuneration", "remuneration_brute"),
    "needs": ("rules", "regles"),
}

CANDIDATE_COLUMNS: dict[str, tuple[str, ...]] = {
    "id": (
        "candidate_id",
        "trainee_id",
        "identifiant",
        "reference",
        "ref",
        "matricule",
        "numero",
        "code",
        "المعرف",
        "رقم_المترشح",
        "رقم_المتدرب",
    ),
    "text": ("profil", "profile", "summary", "resume", "presentation", "about", "نبذة", "الملف_الشخصي"),
    "lang": ("langue", "language", "لغة_الملف", "اللغة"),
    "occupations": ("occupation", "metier", "metiers", "profession", "professions", "المهنة", "المهن"),
    "skills": ("competences", "skill", "competence", "المهارات", "المهارة", "الكفاءات"),
    "evidence": ("preuve", "evidence_grade", "niveau_de_preuve", "الاثبات", "نوع_الاثبات"),
    "languages": ("langues", "language_levels", "niveaux_de_langue", "اللغات", "مستويات_اللغات"),
    "education": (
        "formation",
        "formations",
        "diplome",
        "diplomes",
        "training",
        "التعليم",
        "التكوين",
        "الشهادات",
    ),
    "experience": (
        "experiences",
        "experience_professionnelle",
        "work_experience",
        "الخبرة",
        "الخبرة_المهنية",
    ),
    "eqf_level": ("eqf", "cec", "niveau_cec", "مستوى_الاطار_الاوروبي_للموهلات"),
    "licences": ("licenses", "permis", "habilitations", "الرخص", "رخص_القيادة"),
    "licences_complete": ("licenses_complete", "permis_complets", "الرخص_كاملة"),
    "languages_complete": ("langues_completes", "اللغات_كاملة"),
    "recognised_in": ("recognized_in", "reconnu_en", "pays_de_reconnaissance", "معترف_به_في"),
    "available_from": (
        "disponible_le",
        "disponible_a_partir_du",
        "date_de_disponibilite",
        "متاح_من",
        "تاريخ_التوفر",
    ),
    "countries": ("preferred_countries", "pays_souhaites", "البلدان_المرغوبة"),
    "roles": ("desired_roles", "postes_souhaites", "postes_recherches", "الوظايف_المرغوبة"),
    "seniority": ("experience_level", "niveau_d_experience", "مستوى_الخبرة"),
    "shifts": ("work_shifts", "rythme_de_travail", "نظام_العمل"),
    "contracts": ("contract_types", "contrats", "types_de_contrat", "انواع_العقود"),
    "pay": ("expected_pay", "remuneration_souhaitee", "الاجر_المطلوب"),
    "consent": ("consentement", "الموافقة"),
}

PHRASE_COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("identifiant", "reference", "ref"),
    "text": ("texte", "phrase"),
    "lang": ("langue", "language"),
    "kind": ("type", "nature"),
}

ALIAS_COLUMNS: dict[str, tuple[str, ...]] = {
    "phrase": ("texte", "text", "terme", "term", "expression"),
    "lang": ("langue", "language"),
    "kind": ("type", "nature"),
    "concept_uri": ("concept", "uri", "esco_uri", "esco"),
    "note": ("remarque", "remark", "commentaire", "comment"),
}

DECISION_COLUMNS: dict[str, tuple[str, ...]] = {
    "vacancy_id": ("vacancy", "offre"),
    "candidate_id": ("candidate", "candidat"),
    "decision": ("state",),
    "reason": ("motif", "raison"),
}

# What an export of decisions has beside them; ranking does not read it.
DECISION_BASIS = (
    "number", "is_override", "is_stale", "decided_at", "run_id", "weight_profile", "rank", "score", "verdict",
)  # fmt: skip

IDENTITY_COLUMNS: dict[str, tuple[str, ...]] = {
    "given_name": (
        "prenom",
        "prenoms",
        "first_name",
        "firstname",
        "given_names",
        "الاسم_الشخصي",
        "الاسم_الاول",
    ),
    "family_name": ("nom", "nom_de_famille", "last_name", "lastname", "surname", "الاسم_العايلي", "اللقب"),
    "full_name": ("name", "nom_complet", "nom_et_prenom", "nom_prenom", "prenom_nom", "الاسم_الكامل"),
    "email": (
        "e_mail",
        "mail",
        "courriel",
        "adresse_e_mail",
        "adresse_email",
        "email_address",
        "البريد_الالكتروني",
    ),
    "phone": ("telephone", "tel", "mobile", "gsm", "portable", "phone_number", "الهاتف", "رقم_الهاتف"),
    "birth_date": (
        "date_de_naissance",
        "date_of_birth",
        "birthdate",
        "dob",
        "ne_le",
        "تاريخ_الميلاد",
        "تاريخ_الازدياد",
    ),
    "sex": ("sexe", "gender", "genre", "الجنس"),
    "nationality": ("nationalite", "citizenship", "الجنسية"),
    "address": ("adresse", "adresse_postale", "postal_address", "العنوان"),
    "photo": ("picture", "photographie"),
}

# What a file of refused rows has beside them; the first says which row of the file each is.
MEND_COLUMNS: dict[str, tuple[str, ...]] = {
    "source_row": ("row", "ligne", "السطر"),
    "what_is_wrong": ("ce_qui_ne_va_pas", "ما_الخطا"),
    "how_to_mend": ("comment_corriger", "كيف_يصحح"),
}


def header_key(header: str) -> str:
    """Give a header in the form the alias tables use: no accents, case or spacing.

    >>> header_key("  Niveaux de  Langue "), header_key("Compétences")
    ('niveaux_de_langue', 'competences')
    """
    folded = unicodedata.normalize("NFKD", header).casefold()
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", "_", bare).strip("_")


def field_of(header: str, columns: dict[str, tuple[str, ...]]) -> str | None:
    """Give the field a header means, or None."""
    if len(header) > MAX_HEADER_CHARS:
        return None  # nor is it folded: that takes time quadratic in a run of combining marks
    key = header_key(header)
    for name, aliases in columns.items():
        if key == name or key in aliases:
            return name
    return None
