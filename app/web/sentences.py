"""Fixed sentences of services that a page may have to say in the reader's language.

Services speak English. Here stand the sentences that somebody at the console can meet, so that
they have a translation; one with figures or ids in it stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.errors import AppError, NotFound, NotPermitted
from app.services.sign_in import TooManyAttempts
from app.web.wording import LOCALES, N_, Words

SENTENCES = (
    N_("A colleague has this vacancy. Look at who it is, and take it over from them."),
    N_("A column is matched to a field that is not known."),
    N_("A record with this id exists already, or one it refers to is gone."),
    N_("A test partnership has no part in the aliases that all partnerships share."),
    N_("Candidates kept changing. Send the request again in a moment."),
    N_("Choose a skill of the taxonomy in use."),
    N_("Go back to the first page: this place of the list is not known."),
    N_("No row of the file can be taken. Mend the rows first."),
    N_("No taxonomy release has been imported yet."),
    N_("Nothing was done. Send the request again in a moment."),
    N_("Only a test partnership, with invented data, can be tried without an account."),
    N_("Only complete runs can be compared; wait until both are."),
    N_("Only proposed weights have a preview; these are decided."),
    N_("Only somebody who is signed in is shown an identity here."),
    N_("Only who decided takes it back like this. Decide again instead."),
    N_("Others use the account of the demo at the same time. Sign out here instead."),
    N_("Say first which column holds the id of each person."),
    N_("Say which institution the cohort is of."),
    N_("Sign in again."),
    N_("Sign in to go on."),
    N_("Somebody else began to review this candidate at the same moment."),
    N_("Somebody else decided on this pair at the same moment. Read its reviews."),
    N_("Somebody has decided meanwhile. Read the newest decision first."),
    N_("Somebody to compare is not in this ranking."),
    N_("Something else was decided since. Nothing was taken back."),
    N_("That match run did not rank this vacancy."),
    N_("The account is disabled already."),
    N_("The account is not disabled."),
    N_("The account of the demo has no password."),
    N_("The account of the demo keeps its name: others use it at the same time."),
    N_("The alias in force for this phrase says the same."),
    N_("The candidate changed this moment; ask again."),
    N_("The candidate kept changing. Send the request again in a moment."),
    N_("The columns are not matched yet."),
    N_("The decision is your own. Change it instead."),
    N_("The file has to be checked before its rows are taken."),
    N_("The file has to be checked first."),
    N_("The file holds no row that was refused here."),
    N_("The file is being worked on. Wait until that is done."),
    N_("The form does not fit the file. Open the page again."),
    N_("The form does not say on which decision it is. Load the page again."),
    N_("The form was changed on its way. Load the page again."),
    N_("The key is revoked already."),
    N_("The phrase has an alias. Withdraw the alias to open the phrase again."),
    N_("The record changed meanwhile; read it again and repeat."),
    N_("The service failed. Give the request id to its operator."),
    N_("The taxonomy in use has no such concept."),
    N_("The vacancy does not ask for this any more. Load the page again."),
    N_("The vacancy does not ask for this."),
    N_("There is no account with this e-mail address and password."),
    N_("There is no decision to have an opinion on. Decide instead."),
    N_("There is no introduction of this candidate."),
    N_("There is no opinion of yours on this candidate."),
    N_("This account is disabled; ask an administrator."),
    N_("This cannot be mended here. Mend it in the file of refused rows."),
    N_("This is your own account. Another administrator changes it."),
    N_("This ranking does not list such a candidate."),
    N_("This run has not ended yet. Wait for it, or cancel it first."),
    N_("This vacancy has not been ranked, or not in that run."),
    N_("This was decided anew meanwhile. Load the page again to see what counts."),
    N_("You are no longer an administrator."),
    N_("You have rated this candidate for this vacancy before; the first rating stays."),
    N_("You proposed these weights. A second person approves them, with their own key or account."),
)

_GENERAL: Mapping[type[AppError], str] = {
    NotFound: N_("There is nothing at this address."),
    NotPermitted: N_("Your role does not allow this."),
    TooManyAttempts: N_("There were too many attempts. Try again in a few minutes."),
}
"""What stands in for a sentence that has no translation."""


def sentence_of(error: AppError, words: Words) -> str:
    """What an error says, in the reader's language as far as there is a translation."""
    said = words.gettext(error.detail)
    if words.locale == LOCALES[0] or said != error.detail:
        return said
    return next((words.gettext(text) for kind, text in _GENERAL.items() if isinstance(error, kind)), said)
