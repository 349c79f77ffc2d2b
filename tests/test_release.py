"""A version means something: it is told everywhere alike, what was released stays as it was, and its numbers keep their promise."""

import re
from pathlib import Path

import pytest
import yaml

from storage.ground.release import version
from tests.releases import MIGRATIONS, sha256, sums_of, versions

ROOT = Path(__file__).parents[1]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)


def test_the_changelog_has_what_is_not_released_on_top_and_then_a_dated_section_for_each_version() -> None:
    assert HEADINGS[0] == "[Unreleased]"
    released = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d", heading) for heading in HEADINGS[1:]]
    assert [match[1] for match in released if match] == versions()[::-1]
    assert None not in released


def test_the_version_of_the_source_is_the_one_released_last_and_names_the_image() -> None:
    assert version() == versions()[-1]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert {services[name]["image"] for name in ("web", "worker", "migrate")} == {f"khonggiay:{version()}"}


@pytest.mark.parametrize("released", versions())
def test_what_was_released_has_not_been_touched_since(released: str) -> None:
    sums = sums_of(released)
    assert {path for path in sums if Path(path).name.endswith(".xz")} == {
        f"tests/data/releases/{released}/{kind}.sql.xz" for kind in ("sqlite", "postgresql")
    }
    assert [path for path in sums if not (ROOT / path).is_file() or sha256(path) != sums[path]] == []


def test_a_version_whose_third_number_grew_has_no_migration_of_its_own() -> None:
    for before, after in zip(versions(), versions()[1:], strict=False):
        if before.rpartition(".")[0] == after.rpartition(".")[0]:
            assert migrations(before) == migrations(after), after


def test_the_first_release_knows_the_migration_that_all_others_stand_on() -> None:
    assert migrations("1.0.0") == {"storage/migrations/versions/20261122_1300_first_tables.py"}


def migrations(released: str) -> set[str]:
    return {path for path in sums_of(released) if Path(path).match(MIGRATIONS)}
