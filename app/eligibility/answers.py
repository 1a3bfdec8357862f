"""The three answers of a rule, each with what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.eligibility import Fix, Message, RuleResult, Value
from app.domain.enums import Need, Rule, Verdict
from app.eligibility.facts import Demand
from app.eligibility.tables import Entry, Rulebook


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of one rule on one demand.

    ``entry`` is that of a dated table where one decides; its source and date then stand
    in place of the rule's own.
    """

    rulebook: Rulebook
    demand: Demand
    rule: Rule
    need: Need | None = None
    entry: Entry | None = None

    def yes(self, code: str, **values: Value) -> RuleResult:
        return self._result(Verdict.YES, code, values)

    def no(self, code: str, fixes: dict[str, int], **values: Value) -> RuleResult:
        """A no with the cheapest of several fixes (message code -> weeks); of equal ones the first."""
        best = min(fixes, key=lambda each: fixes[each])
        return self._result(Verdict.NO, code, values, fix=Fix(Message(best, values), fixes[best]))

    def unknown(self, code: str, ask: str, **values: Value) -> RuleResult:
        return self._result(Verdict.UNKNOWN, code, values, ask=Message(ask, values))

    def _result(
        self,
        verdict: Verdict,
        code: str,
        values: dict[str, Value],
        *,
        fix: Fix | None = None,
        ask: Message | None = None,
    ) -> RuleResult:
        usual = self.rulebook.rules[self.rule]
        meant = dict(self.demand.record.conditions.needs).get(self.rule)
        own = usual.since or self.demand.today
        return RuleResult(
            self.rule,
            # What is said of one language or licence is nearer than what is said of the rule.
            self.need or meant or usual.need,
            verdict,
            Message(code, values),
            usual.source if self.entry is None else self.entry.source,
            own if self.entry is None else self.entry.valid_from,
            fix,
            ask,
        )
