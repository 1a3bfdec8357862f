"""What is wrong with a decision, in the reader's language, and at which field."""

from __future__ import annotations

from collections.abc import Mapping

from app.errors import AppError, Conflict, InvalidInput
from app.services.review_work import ClaimedByAnother
from app.web.sentences import sentence_of
from app.web.wording import N_, Words

Problems = tuple[tuple[str, str], ...]

_TEXTS: Mapping[tuple[str, str], str] = {
    ("/reason", "required"): N_("Choose a reason. It is needed for this decision."),
    ("/reason", "other-decision"): N_("Choose a reason that goes with this decision."),
    ("/note", "required"): N_("Write in the note what the other reason is."),
    ("/note", "too-long"): N_("Shorten the note to 1,000 characters."),
    ("/deferred_until", "not-later"): N_("Choose a day after today."),
    ("/deferred_until", "wrong-form"): N_("Write the day as year, month and day, such as 2027-01-31."),
    ("/decision", "required"): N_("Choose a decision."),
    ("/rating", "required"): N_("Choose how well the candidate fits."),
}


def problems_of(error: AppError, words: Words, fields: Mapping[str, str]) -> Problems:
    """The faults of a form.

    Parameters
    ----------
    fields
        Pointer to the id of the field that shows it; a pointer without one is told without a place.
    """
    if isinstance(error, ClaimedByAnother):
        sentence = words.gettext(
            "Somebody else is reviewing this candidate. Tick the box to decide all the same."
        )
        return ((fields.get("/despite_claim", ""), sentence),)
    if isinstance(error, InvalidInput) and error.issues:
        return tuple(
            (
                fields.get(issue.pointer, ""),
                words.gettext(_TEXTS[issue.pointer, issue.code])
                if (issue.pointer, issue.code) in _TEXTS
                else issue.message,
            )
            for issue in error.issues
        )
    if isinstance(error, Conflict):
        told = words.gettext("Nothing was saved, because something changed meanwhile.")
        return (("", f"{told} {sentence_of(error, words)}"),)
    return (("", sentence_of(error, words)),)
