"""Eligibility as plain values: each rule's answer with source, date, and what would mend a no.

Words are messages, a code and its values, so that each reader gets them in a language of
their own (``app.wording``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.enums import Need, Rule, Verdict

Value = str | int
"""Of a message: texts as submitted, codes, numbers, days in ISO form."""


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence that ``app.wording`` knows, and what fills its blanks."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "values": dict(self.values)}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Message:
        return cls(written["code"], written["values"])


@dataclass(frozen=True, slots=True)
class Fix:
    """What would turn a no into a yes.

    ``weeks`` is a planning value for the effort, at least 0; the source of planning values
    stands in the rulebook.
    """

    message: Message
    weeks: int

    def as_dict(self) -> dict[str, Any]:
        return {"message": self.message.as_dict(), "weeks": self.weeks}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Fix:
        return cls(Message.from_dict(written["message"]), written["weeks"])


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's answer on one candidate.

    Attributes
    ----------
    finding
        What was asked and what was found.
    source
        Where the rule comes from.
    since
        First day on which the source holds: of a law or list its start, of an employer's
        or a candidate's own statement the day of the evaluation.
    fix
        The cheapest one; there is one for every no, and only there.
    ask
        What has to be asked; there is one for every unknown, and only there.
    """

    rule: Rule
    need: Need
    verdict: Verdict
    finding: Message
    source: str
    since: date
    fix: Fix | None = None
    ask: Message | None = None

    def __post_init__(self) -> None:
        if (self.fix is not None) != (self.verdict is Verdict.NO):
            raise ValueError("a fix belongs to every no and to nothing else")
        if (self.ask is not None) != (self.verdict is Verdict.UNKNOWN):
            raise ValueError("a question belongs to every unknown and to nothing else")

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "rule": self.rule.value,
            "need": self.need.value,
            "verdict": self.verdict.value,
            "finding": self.finding.as_dict(),
            "source": self.source,
            "since": self.since.isoformat(),
            "fix": None if self.fix is None else self.fix.as_dict(),
            "ask": None if self.ask is None else self.ask.as_dict(),
        }

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> RuleResult:
        """What ``as_dict`` wrote down."""
        return cls(
            Rule(written["rule"]),
            Need(written["need"]),
            Verdict(written["verdict"]),
            Message.from_dict(written["finding"]),
            written["source"],
            date.fromisoformat(written["since"]),
            None if written["fix"] is None else Fix.from_dict(written["fix"]),
            None if written["ask"] is None else Message.from_dict(written["ask"]),
        )


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Every rule that applies to a pair, and the answer they give together."""

    results: tuple[RuleResult, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """No where a must says no, else unknown where one does not know; wishes decide nothing."""
        musts = {result.verdict for result in self.results if result.need is Need.MUST}
        return next((verdict for verdict in (Verdict.NO, Verdict.UNKNOWN) if verdict in musts), Verdict.YES)

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The musts that say no, cheapest to mend first."""
        found = [each for each in self.results if each.need is Need.MUST and each.verdict is Verdict.NO]
        return tuple(sorted(found, key=_weeks))

    @property
    def open_questions(self) -> tuple[RuleResult, ...]:
        """The musts of which nobody knows."""
        return tuple(
            each for each in self.results if each.need is Need.MUST and each.verdict is Verdict.UNKNOWN
        )

    @property
    def weeks_to_mend(self) -> int:
        """Planning value for mending every failed must, one after the other."""
        return sum(_weeks(each) for each in self.failed)

    def as_list(self) -> list[dict[str, Any]]:
        """Plain JSON values."""
        return [result.as_dict() for result in self.results]

    @classmethod
    def from_list(cls, written: Iterable[Mapping[str, Any]]) -> Eligibility:
        """What ``as_list`` wrote down."""
        return cls(tuple(RuleResult.from_dict(each) for each in written))


ALWAYS_ELIGIBLE = Eligibility()


def _weeks(result: RuleResult) -> int:
    return 0 if result.fix is None else result.fix.weeks
