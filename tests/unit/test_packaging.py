"""What surrounds the code says the same as the code: locks, licence, container, hooks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def locked(name: str) -> dict[str, set[str]]:
    """Versions of each package in a lock; several where a marker chooses."""
    versions: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if re.match(r"\S+==", line):
            requirement = Requirement(line.rstrip("\\ "))
            (pin,) = requirement.specifier
            versions.setdefault(canonicalize_name(requirement.name), set()).add(pin.version)
    return versions


@pytest.mark.parametrize("name", LOCKS)
def test_each_lock_holds_every_dependency_within_its_range(name: str):
    asked = list(project()["dependencies"])
    if name == "requirements-test.lock":
        asked += project()["optional-dependencies"]["test"]
    held = locked(name)
    for requirement in map(Requirement, asked):
        versions = held.get(canonicalize_name(requirement.name), set())
        assert versions, f"{name} lacks {requirement.name}; renew it with `make lock`"
        for version in versions:
            assert requirement.specifier.contains(version, prereleases=True), (name, requirement, version)


def test_the_test_lock_is_the_runtime_lock_and_more():
    more = locked("requirements-test.lock")
    for package, versions in locked("requirements.lock").items():
        assert more[package] == versions


def test_the_record_of_dependencies_names_exactly_those_of_the_project():
    record = (ROOT / "docs/adr/0002-dependencies.md").read_text()
    rows = set(re.findall(r"^\| ([a-z0-9-]+) \|", record, flags=re.MULTILINE))
    assert rows == {Requirement(line).name for line in project()["dependencies"]}


@pytest.mark.parametrize("name", LOCKS)
def test_each_locked_package_has_hashes_and_no_address(name: str):
    text = (ROOT / name).read_text()
    assert "://" not in text
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert blocks
    for block in blocks:
        assert "--hash=sha256:" in block, block


def test_the_version_is_the_same_everywhere():
    from app import __version__

    assert project()["version"] == __version__


def test_the_licence_is_the_whole_eupl_1_2():
    text = (ROOT / "LICENSE").read_text()
    assert project()["license"] == "EUPL-1.2"
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    articles = [int(number) for number in re.findall(r"^(\d+)\.[A-Z]", text, flags=re.MULTILINE)]
    assert articles == list(range(1, 16))
    assert "Appendix" in text


def dockerfile() -> list[tuple[str, str]]:
    """Give the instructions in order, continuation lines joined."""
    joined = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_runs_as_nobody_in_particular_from_a_second_stage():
    steps = dockerfile()
    stages = [rest for word, rest in steps if word == "FROM"]
    assert len(stages) == 2
    assert stages[0] == stages[1] + " AS build"
    second = steps[[word for word, _ in steps].index("FROM", 1) :]
    last = dict(second)
    assert last["USER"].isdigit()
    assert int(last["USER"]) > 0
    words = [word for word, _ in second]
    assert words.index("USER") < words.index("HEALTHCHECK") < words.index("CMD")
    assert '["talentbridge", "serve", "--host", "0.0.0.0"]' in last["CMD"]


def test_the_image_is_checked_with_what_it_has():
    check = dict(dockerfile())["HEALTHCHECK"]
    code = re.search(r'"-c", "(.*)"\]', check)
    assert code is not None
    compile(code[1], "HEALTHCHECK", "exec")
    assert "/healthz" in code[1]


def test_the_builder_sees_each_file_the_dockerfile_copies():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for word, rest in dockerfile()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / source).exists() for source in copied)


def test_hooks_and_ci_run_the_same_commands():
    ci = (ROOT / ".ci/run").read_text()
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    for hook in hooks:
        command = hook["entry"].replace(" --force-exclude", "")  # hooks get file names, CI takes all
        assert command in ci, command
