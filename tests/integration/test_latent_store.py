"""What was learned from a stored release: kept with it, used while it fits, and learned beside other work."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.errors import NotFound
from app.matching.label_index import build_label_index
from app.matching.latent import LatentConfig
from app.services import latent_spaces, linker_snapshots
from app.services.latent_spaces import LatentSpaces, is_unlearned, learn_release, list_stored
from app.services.linker_snapshots import LinkerSnapshots
from app.services.semantic_spaces import SemanticStore
from app.services.taxonomy import import_release, load_taxonomy
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.taxonomy_index import build_taxonomy_index
from app.services.transactions import Transaction
from tests.integration.test_taxonomy_store import FRENCH, FRENCH_OCCUPATIONS, read
from tests.unit.services.test_evaluation import write_model
from tests.unit.taxonomy.package import small_release

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
LATEST = LATER + timedelta(days=7)
NAME = "made-up"


@pytest.fixture(autouse=True)
def _small_releases_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latent_spaces, "LEAST_TEXTS", 1)
    monkeypatch.setattr(latent_spaces, "latent_config", lambda _: LatentConfig(least_batches=2, batch_size=4))


@pytest.fixture
def transaction(session_factory: SessionFactory) -> Transaction:
    def begin(*, write: bool = True) -> AbstractContextManager[Session]:
        return session_scope(session_factory, write=write)

    return begin


@pytest.fixture
def release(transaction: Transaction) -> str:
    with transaction() as session:
        return import_release(session, read(small_release(), name=NAME), now=NOW).release


def uses_vectors(transaction: Transaction) -> bool:
    with transaction(write=False) as session:
        skills = build_taxonomy_index(load_taxonomy(session, NAME)).skills
        spaces = LatentSpaces(list_stored(session, NAME))
    return spaces.find(skills, build_label_index(skills.label_table())) is not None


def test_labels_that_came_later_make_what_was_learned_useless(transaction: Transaction, release: str) -> None:
    def says_so() -> bool:
        with transaction(write=False) as session:
            return is_unlearned(session, release)

    assert (says_so(), uses_vectors(transaction)) == (True, False)
    assert learn_release(transaction, release, now=lambda: NOW) == 2
    assert (says_so(), uses_vectors(transaction)) == (False, True)
    for texts, now in ((FRENCH, LATER), (FRENCH_OCCUPATIONS, LATEST)):
        with transaction() as session:
            import_release(session, read(texts, name=NAME), now=now)
        assert says_so()
        learn_release(transaction, release, now=partial(datetime.fromtimestamp, now.timestamp(), UTC))
        assert (says_so(), uses_vectors(transaction)) == (False, True)


def test_unlearned_labels_are_linked_by_words_alone(transaction: Transaction, release: str) -> None:
    learn_release(transaction, release, now=lambda: NOW)
    with transaction() as session:
        import_release(session, read(FRENCH, name=NAME), now=LATER)
    assert not uses_vectors(transaction)


def test_others_write_and_learn_while_a_release_is_learned(transaction: Transaction, release: str) -> None:
    learned_within: list[int] = []

    def progress(stage: str, done: int, total: int) -> None:
        if not learned_within:
            learned_within.append(0)
            learned_within[0] = learn_release(transaction, release, now=lambda: NOW)
            with transaction() as session:
                import_release(session, read(small_release(), name="another"), now=NOW)

    n_learned = learn_release(transaction, release, now=lambda: LATER, progress=progress)
    assert learned_within == [n_learned]
    assert uses_vectors(transaction)


def test_learning_that_is_interrupted_leaves_what_was_there(transaction: Transaction, release: str) -> None:
    learn_release(transaction, release, now=lambda: NOW)
    with transaction() as session:
        import_release(session, read(FRENCH, name=NAME), now=LATER)
        before = list_stored(session, release)

    def progress(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn_release(transaction, release, now=lambda: LATER, progress=progress)
    with transaction(write=False) as session:
        assert list_stored(session, release) == before
    assert not uses_vectors(transaction)


def test_an_unknown_release_cannot_be_learned(transaction: Transaction) -> None:
    with pytest.raises(NotFound):
        learn_release(transaction, "nosuch", now=lambda: NOW)


def test_what_is_learned_later_makes_another_index_that_runs_are_pinned_to(
    transaction: Transaction, release: str
) -> None:
    indexes = TaxonomyIndexCache()
    with transaction(write=False) as session:
        before = indexes.get(session, release)
        assert before.latent_digest == ""
    learn_release(transaction, release, now=lambda: NOW)
    with transaction(write=False) as session:
        after = indexes.get(session, release)
        assert after is not before
        assert len(after.latent_digest) == 64
        assert indexes.get(session, release) is after


def test_embeddings_that_come_later_make_another_index(
    transaction: Transaction, release: str, tmp_path: Path
) -> None:
    store = SemanticStore(write_model(tmp_path / "model"), tmp_path / "cache")
    off, on = TaxonomyIndexCache(), TaxonomyIndexCache(semantic=store)
    with transaction(write=False) as session:
        before = on.get(session, release)
        assert before.latent_digest == off.get(session, release).latent_digest
        store.learn(load_taxonomy(session, release))
        after = on.get(session, release)
        assert after is not before
        assert after.latent_digest not in ("", before.latent_digest)
        assert on.get(session, release) is after
        assert off.get(session, release).latent_digest == before.latent_digest


def test_linking_tables_that_were_kept_serve_with_and_without_embeddings(
    transaction: Transaction, release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linker_snapshots, "LEAST_LABELS", 1)
    store = SemanticStore(write_model(tmp_path / "model"), tmp_path)
    with transaction(write=False) as session:
        store.learn(load_taxonomy(session, release))

    def candidates(semantic: SemanticStore | None) -> list[list[float]]:
        with transaction(write=False) as session:
            index = TaxonomyIndexCache(None, LinkerSnapshots(tmp_path), semantic=semantic).get(
                session, release
            )
        found = index.skill_linker.candidates(["work with metal"], langs=["en"])
        return [array.tolist() for array in found]

    off, on = candidates(None), candidates(store)
    assert on != off
    assert (candidates(None), candidates(store)) == (off, on)
    assert list(tmp_path.glob("linker-*"))
