"""Aliases from files: check them against the concepts there are, and put them in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import PhraseKind
from app.domain.records import AliasRecord
from app.errors import FieldIssue, InvalidInput
from app.intake.outcome import ReadOutcome
from app.repositories.aliases import AliasRepository, known_concepts
from app.services.aliases import approve_alias, phrase_key, propose_alias
from app.services.taxonomy_index import TaxonomyIndex

KnownConcepts = Callable[[PhraseKind, set[str]], set[str]]


@dataclass(frozen=True, slots=True)
class AliasReceipt:
    """What became of the aliases of a file: new in force, in place of others, in force before."""

    n_new: int
    n_superseding: int
    n_unchanged: int


def check_for_index(outcome: ReadOutcome[AliasRecord], index: TaxonomyIndex) -> ReadOutcome[AliasRecord]:
    """Refuse the aliases that cannot be used with one release, each with its row and a remedy."""
    tables = {PhraseKind.SKILL: index.skills, PhraseKind.OCCUPATION: index.occupations}
    return _checked(
        outcome,
        lambda kind, uris: uris & tables[kind].row_of.keys(),
        where=f"{index.taxonomy.name} has no",
    )


def check_for_import(session: Session, outcome: ReadOutcome[AliasRecord]) -> ReadOutcome[AliasRecord]:
    """Refuse the aliases to concepts that no imported release has, each with its row and a remedy."""
    return _checked(
        outcome, lambda kind, uris: known_concepts(session, kind, uris), where="No imported release has a"
    )


def import_aliases(
    session: Session, actor: Actor, outcome: ReadOutcome[AliasRecord], *, shared: bool, now: datetime
) -> AliasReceipt:
    """Put the aliases of a checked file in force; those that say the same already stay as they are.

    Raises as ``propose_alias`` and ``approve_alias``.
    """
    partnership_id = None if shared else actor.partnership_id
    n_superseding = n_unchanged = 0
    for record in outcome.records:
        held = AliasRepository(session, actor).find_approved(
            partnership_id, record.kind, record.lang, phrase_key(record.phrase)
        )
        if held is not None and held.concept_uri == record.concept_uri:
            n_unchanged += 1
            continue
        n_superseding += held is not None
        proposed = propose_alias(session, actor, record, shared=shared, now=now)
        approve_alias(session, actor, proposed.id, now=now)
    return AliasReceipt(
        n_new=len(outcome.records) - n_superseding - n_unchanged,
        n_superseding=n_superseding,
        n_unchanged=n_unchanged,
    )


def _checked(
    outcome: ReadOutcome[AliasRecord], known: KnownConcepts, *, where: str
) -> ReadOutcome[AliasRecord]:
    wanted: dict[PhraseKind, set[str]] = defaultdict(set)
    for record in outcome.records:
        if record.concept_uri is not None:
            wanted[record.kind].add(record.concept_uri)
    there = {kind: known(kind, uris) for kind, uris in wanted.items()}
    first_row: dict[tuple[PhraseKind, str, str], int] = {}
    good: list[tuple[AliasRecord, int]] = []
    issues: list[FieldIssue] = []
    for record, row in zip(outcome.records, outcome.rows, strict=True):
        try:
            key = record.kind, record.lang, phrase_key(record.phrase)
        except InvalidInput as error:
            issues.append(replace(error.issues[0], row=row, column="phrase"))
            continue
        if key in first_row:
            message = f"The phrase means the same as that of row {first_row[key]}; keep one of them."
            issues.append(FieldIssue("/phrase", "duplicate-phrase", message, row=row, column="phrase"))
        elif record.concept_uri is not None and record.concept_uri not in there[record.kind]:
            issues.append(
                FieldIssue(
                    "/concept_uri",
                    "unknown-concept",
                    f"{where} {record.kind} with this address.",
                    f"Find it with talentbridge taxonomy search WORDS --kind {record.kind}, "
                    "or leave the cell empty for no concept.",
                    row=row,
                    column="concept_uri",
                )
            )
        else:
            first_row[key] = row
            good.append((record, row))
    return replace(
        outcome,
        records=tuple(record for record, _ in good),
        rows=tuple(row for _, row in good),
        issues=tuple(sorted([*outcome.issues, *issues], key=lambda issue: issue.row or 0)),
        n_refused=outcome.n_refused + len(issues),
    )
