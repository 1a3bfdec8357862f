"""Which passwords are taken: long ones that are not the first that anybody would try."""

from __future__ import annotations

import re
import unicodedata

from app.domain.accounts import invalid

MIN_LENGTH = 12
MAX_LENGTH = 256

# Written down by ourselves; compared without case, figures and punctuation, and however often repeated.
_COMMON = frozenset(
    (
        "abc", "abcdef", "abcdefgh", "abcdefghijkl", "admin", "administrateur", "administrator", "azerty",
        "azertyuiop", "bienvenue", "bonjour", "changeme", "changeit", "correcthorsebatterystaple", "default",
        "football", "iloveyou", "jetaime", "letmein", "login", "master", "monkey", "motdepasse", "pass",
        "passphrase", "password", "passwort", "princess", "qwerty", "qwertz", "qwertyuiop", "reviewer",
        "salam", "secret", "soleil", "sunshine", "talentbridge", "talentpartnership", "temp", "temporary",
        "test", "testing", "user", "welcome",
    )
)  # fmt: skip
_RUNS = ("0123456789" * 30, "9876543210" * 30)


def normal_password(password: str) -> str:
    """Give the form that is hashed, so that one keyboard's é is another's (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check_password(
    password: str, *, email: str, display_name: str, current: str | None = None, pointer: str = "/password"
) -> None:
    """Check a new password; any characters do, and no kinds of characters are asked for.

    Raises
    ------
    InvalidInput
        It is too short, too long, among those tried first, the person's own address or name, or
        the current password.
    """
    password = normal_password(password)
    if len(password) < MIN_LENGTH:
        hint = "Three or four words that do not belong together are easy to remember."
        raise invalid(pointer, "too-short", f"At least {MIN_LENGTH} characters are needed.", hint)
    if len(password) > MAX_LENGTH:
        raise invalid(pointer, "too-long", f"At most {MAX_LENGTH} characters are taken.")
    if _is_common(password):
        raise invalid(pointer, "too-common", "This is one of the passwords that are tried first.")
    if _letters(password) in _own_words(email, display_name):
        raise invalid(pointer, "own-name", "A password must not be your own e-mail address or name.")
    if current is not None and password == normal_password(current):
        raise invalid(pointer, "unchanged", "This is the current password; choose another one.")


def _is_common(password: str) -> bool:
    if len(set(password)) < 4:
        return True
    letters = _letters(password)
    return _unrepeated(letters) in _COMMON if letters else any(password in run for run in _RUNS)


def _own_words(email: str, display_name: str) -> set[str]:
    words = {_letters(text) for text in (email, email.partition("@")[0], display_name)}
    return words - {""}


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]", "", unicodedata.normalize("NFKC", text).casefold())


def _unrepeated(text: str) -> str:
    """Give the word that the text repeats, else the text."""
    again = (text + text).find(text, 1)
    return text[:again]
