"""The list of outgoing documents as records: words are found the same way whatever the number of units that are seen."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from domain.directives.directives import OutgoingState
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments, Wanted
from storage.ground.database import Database
from tests.cast import Cast, gather

DAY = date(2026, 3, 5)


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def registers(database: Database, cast: Cast) -> None:
    """Six hundred plans of the province and two of a union below it; one of each speaks of silver."""
    with database.writing() as session:
        session.execute(insert(OutgoingDocument), [_row(cast.units["LDLD"], number) for number in range(600)])
        session.execute(
            insert(OutgoingDocument), [_row(cast.units["CD-PHUCAT"], number, kind="Thông báo") for number in range(2)]
        )


def _row(unit_id: int, number: int, kind: str = "Kế hoạch") -> dict[str, object]:
    return {
        "unit_id": unit_id, "kind": kind, "abstract": "Về công tác", "state": OutgoingState.ISSUED, "dated": DAY,
        "series": f"2026|{kind}", "number": number + 1, "words": "ve cong tac kim ngan" if number == 1 else "ve cong tac",
    }  # fmt: skip


def found(database: Database, words: str, *unit_ids: int, **more: Any) -> tuple[int, set[int]]:
    with database.reading() as session:
        documents, wanted, seen = OutgoingDocuments(session), Wanted(words=words, **more), frozenset(unit_ids)
        rows = documents.page(1, 50, wanted, seen)
        assert documents.tally(wanted, seen).count >= len(rows)
        return documents.tally(wanted, seen).count, {row.unit_id for row in rows}


@pytest.mark.parametrize("others", [(), range(1000, 1030)])  # few units that are seen, or many
def test_rare_words_and_usual_words_are_found_in_the_registers_that_are_seen_only(
    database: Database, cast: Cast, registers: None, others: Sequence[int]
) -> None:
    province, union = cast.units["LDLD"], cast.units["CD-PHUCAT"]
    assert found(database, "kim ngân", province, union, *others) == (2, {province, union})
    assert found(database, "Kim Ngân", union, *others) == (1, {union})
    assert found(database, "công tác", union, *others) == (2, {union})
    assert found(database, "công tác", province, *others) == (600, {province})
    assert found(database, "công tác", province, union, *others, kind="Thông báo") == (2, {union})
    assert found(database, "kim ngân", province, union, *others, kind="Thông báo") == (1, {union})
    assert found(database, "vàng", province, union, *others) == (0, set())


@pytest.mark.parametrize("others", [(), range(1000, 1030)])
def test_kinds_are_those_of_the_registers_that_are_seen(
    database: Database, cast: Cast, registers: None, others: Sequence[int]
) -> None:
    with database.reading() as session:
        assert OutgoingDocuments(session).kinds(frozenset({cast.units["CD-PHUCAT"], *others})) == ["Thông báo"]
