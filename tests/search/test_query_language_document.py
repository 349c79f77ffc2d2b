"""docs/query-language.md says what is true: its examples are asked, its mistakes are made."""

from pathlib import Path
from typing import Any

import pytest

from search.index import PageEntry
from search.parse import FIELDS, parse
from search.query import MistakeCode

DOCUMENT = (Path(__file__).parents[2] / "docs" / "query-language.md").read_text(encoding="utf-8")


def table(first_heading: str) -> list[list[str]]:
    """The cells of the table whose first heading this is."""
    lines = DOCUMENT[DOCUMENT.index(f"\n| {first_heading} |") :].strip().split("\n\n")[0].split("\n")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def code(cell: str) -> str:
    return cell.strip("`")


@pytest.fixture
def archive(whoosh_archive: Any) -> Any:
    whoosh_archive.enters(
        *(
            PageEntry(
                ord(name), 1, text, "all", values={"kind": kind, "issuer": issuer}, year=int(year), symbols=(number,), date=date
            )
            for name, kind, year, issuer, number, date, text in table("page")
        )
    )
    return whoosh_archive


@pytest.mark.parametrize(("question", "pages", "first"), table("question"))
def test_an_example_finds_its_pages(archive: Any, question: str, pages: str, first: str) -> None:
    found = [chr(document) for document, _ in archive.finds(code(question))]
    assert sorted(found) == pages.split()
    assert found[: len(first)] == list(first)
    assert parse(code(question)).mistakes == ()


@pytest.mark.parametrize("row", [row for row in table("code") if row[1].startswith("`")])
def test_a_mistake_is_made_as_written(row: list[str]) -> None:
    assert [mistake.code.value for mistake in parse(code(row[1])).mistakes] == [code(row[0])]


def test_every_mistake_is_explained() -> None:
    assert {code(row[0]) for row in table("code")} == set(MistakeCode)


def test_every_field_is_explained() -> None:
    assert {code(row[0]) for row in table("field")} == set(FIELDS.values())


@pytest.mark.parametrize(
    "written", [writing for row in table("you type") + table("field") for writing in row[:3] if "`" in writing]
)
def test_whatever_is_shown_is_understood_without_mistake(written: str) -> None:
    for part in written.split("`, `"):
        if " " in code(part) or ":" in part:
            assert parse(code(part)).mistakes == ()
