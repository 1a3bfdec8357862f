"""How to fill in the template of a cohort."""

from __future__ import annotations

from collections.abc import Mapping

from app.web.wording import N_

HINTS: Mapping[str, str] = {
    "id": N_("Any number or code that tells this person apart; no name."),
    "text": N_("A few sentences about the person, without a name."),
    "lang": N_("Language of this row: ar, en, fr …"),
    "occupations": N_("What the person worked or trained as; several with a semicolon between."),
    "skills": N_("With a semicolon between. After a bar evidence or level, as in welding|certified."),
    "evidence": N_("How well the skills are supported; it holds for those that do not say it themselves."),
    "languages": N_("Code and level, as in fr:B1; ar:C2"),
    "education": N_("Diplomas and courses, with a semicolon between."),
    "experience": N_("Occupation|what was done|months, with a semicolon between."),
    "eqf_level": N_("Level of the European Qualifications Framework, 1 to 8."),
    "licences": N_("Licences and certificates; after a bar until when, as in B|2030-01-31."),
    "licences_complete": N_("yes, if no other licences are held"),
    "languages_complete": N_("yes, if no other languages are spoken"),
    "recognised_in": N_("Codes of the countries that recognise the qualification, such as DE; FR."),
    "available_from": N_("First day of work as YYYY-MM-DD."),
    "countries": N_("Codes of the countries wished for, such as DE; ES."),
    "roles": N_("Occupations wished for, with a semicolon between."),
    "seniority": N_("Standing in the occupation."),
    "shifts": N_("What is possible; several with a semicolon between."),
    "contracts": N_("What is acceptable; several with a semicolon between."),
    "pay": N_("Least pay, as in 24000 EUR/year."),
    "consent": N_("yes, if the person agreed to be put forward"),
    "given_name": N_("Kept apart; nobody sees it before an introduction."),
    "family_name": N_("Kept apart; nobody sees it before an introduction."),
    "email": N_("Kept apart; nobody sees it before an introduction."),
    "phone": N_("Kept apart; nobody sees it before an introduction."),
    "birth_date": N_("As YYYY-MM-DD; used for rules on age alone."),
    "sex": N_("Kept apart; never used for ranking."),
    "nationality": N_("Kept apart; never used for ranking."),
}
