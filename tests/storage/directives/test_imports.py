"""Imports of registers as records: in steps, never twice, and undone."""

import base64
import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from domain.directives.directives import OutgoingState
from domain.directives.evidence import EvidenceKind
from domain.directives.imports.columns import Field, Register
from domain.directives.imports.rows import HeadingsMissing, ImportState, SecretContent
from domain.directives.issuance import Form
from domain.directives.numbering import GapReason, Reset, Series
from domain.ground.clock import now
from domain.ground.errors import NotFound, StepNotAllowed
from domain.ground.periods import half
from domain.people.units import UnitKind
from storage.directives.closings import Closings, closings_over
from storage.directives.evidence import record
from storage.directives.imports import RegisterImport, RegisterImports, Run, choice_of, discard, draft, keep
from storage.directives.incoming import IncomingDocument
from storage.directives.numbering import NumberGap, Numbering, NumberingRule
from storage.directives.outgoing import OutgoingDocument, SecretCount, seed_directive_kinds
from storage.ground.claims import unneeded
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.spreadsheets import Table, read_in_sandbox, table_of
from storage.indicators.plans import target_for
from storage.people.people import Person
from storage.people.units import Unit
from tests.cast import Cast, gather

HEADINGS = ["so", "ky_hieu", "ngay_vb", "trich_yeu", "hinh_thuc", "loai", "mat"]
INCOMING = ["Số đến", "Ngày đến", "Tác giả", "Số ký hiệu văn bản", "Tên loại và trích yếu"]


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


def table(*rows: Sequence[object], headings: list[str] = HEADINGS) -> bytes:
    book = Workbook()
    for row in (headings, *rows):
        book.worksheets[0].append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def line(
    number: int | str,
    day: str = "05/01/2025",
    *,
    abstract: str = "Tháng công nhân",
    form: str = "giay",
    symbol: str = "KH-LĐLĐ",
) -> list[int | str]:
    return [number, symbol, day, abstract, form]


def read_tables(content: bytes) -> list[Table]:
    """The tables, read in this process: starting a sandbox takes a second, and has tests of its own."""
    return [table_of(values) for values in read_in_sandbox(base64.b64encode(content).decode())]


@pytest.fixture
def begin(database: Database, objects: FolderObjects, cast: Cast) -> Callable[..., int]:
    def begin(content: bytes, *, register: Register = Register.OUTGOING, unit: str = "LDLD", year: int | None = None) -> int:
        drafted = draft(read_tables(content), register, name="so.xlsx", year=year)
        keys = keep(objects, drafted, content)
        with database.writing() as session:
            person = session.get_one(Person, cast.people["clerk"])
            imports = RegisterImports(session, {cast.units[unit]})
            return imports.begin(cast.units[unit], register, "so.xlsx", keys, drafted, person).id

    return begin


@pytest.fixture
def act(database: Database, objects: FolderObjects) -> Callable[..., Any]:
    def act(import_id: int, name: str, *args: int) -> Any:
        with database.writing() as session:
            one = session.get_one(RegisterImport, import_id)
            return getattr(Run(session, objects, one), name)(*args)

    return act


@pytest.fixture
def bring(begin: Callable[..., int], act: Callable[..., Any]) -> Callable[..., int]:
    def bring(content: bytes, **options: object) -> int:
        import_id = begin(content, **options)
        act(import_id, "start")
        while not act(import_id, "step", 3):
            pass
        return import_id

    return bring


def one_of(database: Database, import_id: int) -> RegisterImport:
    with database.reading() as session:
        return session.get_one(RegisterImport, import_id)


def register(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as session:
        columns = OutgoingDocument.series, OutgoingDocument.number, OutgoingDocument.suffix, OutgoingDocument.symbol
        return [tuple(row) for row in session.execute(select(*columns).order_by(*columns))]


def counts(database: Database, import_id: int) -> tuple[ImportState, int, int, int, int]:
    one = one_of(database, import_id)
    return one.state, one.added_count, one.same_count, one.differing_count, one.refused_count


def test_rows_become_issued_documents_with_their_claim(database: Database, bring: Callable[..., int], cast: Cast) -> None:
    import_id = bring(table(line("06b", form="song song"), line(7, form="")))
    assert counts(database, import_id) == (ImportState.DONE, 2, 0, 0, 0)
    with database.reading() as session:
        first, second = session.scalars(select(OutgoingDocument).order_by(OutgoingDocument.number)).all()
        assert (first.written_number, first.kind, first.dated) == ("06b/KH-LĐLĐ", "Kế hoạch", date(2025, 1, 5))
        assert (first.state, first.form, first.series) == (OutgoingState.ISSUED, Form.BOTH, "2025|Kế hoạch")
        assert (first.claimed_low, first.claimed_high, first.evidenced_low, first.evidenced_high) == (1, 4, 0, 4)
        assert (second.form, second.claimed_low, second.claimed_high) == (None, 0, 5)
        assert "thang cong nhan" in first.words
        assert (first.import_id, first.import_row) == (import_id, 2)


def test_the_same_file_twice_adds_nothing(database: Database, bring: Callable[..., int]) -> None:
    content = table(*(line(number) for number in range(1, 9)))
    bring(content)
    before = register(database)
    assert counts(database, bring(content)) == (ImportState.DONE, 0, 8, 0, 0)
    assert register(database) == before


def test_rows_in_any_order_and_of_parts_of_a_file_give_the_same_register(database: Database, bring: Callable[..., int]) -> None:
    lines = [line(number) for number in range(1, 9)]
    bring(table(*reversed(lines)))
    bring(table(*lines[3:], *lines[:6]))
    assert [row[1] for row in register(database)] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_what_differs_stays_as_it_is_and_a_number_of_another_document_is_refused(
    database: Database, bring: Callable[..., int]
) -> None:
    bring(table(line(1), line(2)))
    import_id = bring(table(line(1, abstract="Khác hẳn"), line(2, day="09/09/2025"), line(3)))
    assert counts(database, import_id) == (ImportState.DONE, 1, 0, 1, 1)
    assert one_of(database, import_id).problems == [[3, "number", "number_taken", "02/KH-LĐLĐ, 05/01/2025"]]


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(
    database: Database, objects: FolderObjects, begin: Callable[..., int], act: Callable[..., Any]
) -> None:
    import_id = begin(table(*(line(number) for number in range(1, 9))))
    act(import_id, "start")
    assert act(import_id, "step", 3) is False

    class Killed(BaseException):
        pass

    def cut_off() -> None:
        with database.writing() as session:
            Run(session, objects, session.get_one(RegisterImport, import_id)).step(3)
            session.flush()
            raise Killed  # before the commit: as if the machine had lost its power

    with pytest.raises(Killed):
        cut_off()
    assert one_of(database, import_id).done_count == 3
    assert [act(import_id, "step", 3) for _ in range(2)] == [False, True]
    assert counts(database, import_id) == (ImportState.DONE, 8, 0, 0, 0)
    assert act(import_id, "step", 3) is True  # once more changes nothing
    assert len(register(database)) == 8


def test_a_run_is_cancelled_and_goes_on(database: Database, begin: Callable[..., int], act: Callable[..., Any]) -> None:
    import_id = begin(table(*(line(number) for number in range(1, 9))))
    act(import_id, "start")
    act(import_id, "step", 3)
    act(import_id, "cancel")
    assert act(import_id, "step", 3) is True
    assert (one_of(database, import_id).state, len(register(database))) == (ImportState.CANCELLED, 3)
    act(import_id, "start")
    while not act(import_id, "step", 3):
        pass
    assert counts(database, import_id) == (ImportState.DONE, 8, 0, 0, 0)


def test_the_next_number_follows_what_was_brought_in_and_what_was_undone(
    database: Database, bring: Callable[..., int], act: Callable[..., Any], cast: Cast
) -> None:
    with database.writing() as session:
        rule = NumberingRule(valid_from=date(2020, 1, 1), reset=Reset.YEAR, series=Series.COMMON, body_symbol="LĐLĐ")
        Numbering(session, cast.units["LDLD"]).add_rule(rule)

    def next_number() -> int | None:
        with database.writing() as session:
            drafted = OutgoingDocument(unit_id=cast.units["LDLD"], kind="Kế hoạch", abstract="a", state=OutgoingState.APPROVED)
            session.add(drafted)
            Numbering(session, cast.units["LDLD"]).number(drafted, date(2025, 12, 1))
            number = drafted.number
            session.rollback()
            return number

    assert next_number() == 1
    import_id = bring(table(line(12), line(7, symbol="QĐ-LĐLĐ")))
    assert next_number() == 13
    act(import_id, "undo")
    assert next_number() == 1


def test_numbers_of_secret_and_of_cancelled_documents_are_refused_and_another_gap_is_filled(
    database: Database, bring: Callable[..., int], cast: Cast
) -> None:
    with database.writing() as session:
        for number, reason in ((4, GapReason.SECRET), (5, GapReason.LOST), (6, GapReason.CANCELLED)):
            gap = NumberGap(unit_id=cast.units["LDLD"], series="2025|Kế hoạch", number=number, reason=reason)
            gap.recorded_by_id = cast.people["clerk"]
            session.add(gap)
    import_id = bring(table(line(4), line(5), line(6)))
    assert one_of(database, import_id).problems == [
        [2, "number", "number_kept_apart", "4"],
        [4, "number", "number_cancelled", "6"],
    ]
    with database.reading() as session:
        assert session.scalars(select(NumberGap.number).order_by(NumberGap.number)).all() == [4, 6]


def test_undoing_removes_what_nobody_touched_and_says_what_stays(
    database: Database, objects: FolderObjects, bring: Callable[..., int], act: Callable[..., Any]
) -> None:
    import_id = bring(table(*(line(number) for number in range(1, 6))))
    with database.writing() as session:
        documents = session.scalars(select(OutgoingDocument).order_by(OutgoingDocument.number)).all()
        documents[0].abstract = "Sửa tay"
        record(session, documents[1], EvidenceKind.FILE, facts={}, at=now())
        ids = documents[0].id, documents[1].id
    with database.reading() as session:
        undoing = Run(session, objects, session.get_one(RegisterImport, import_id)).undoing()
        assert undoing.staying == {ids[0]: "changed", ids[1]: "in_use"}
    assert act(import_id, "undo") == undoing
    assert [row[1] for row in register(database)] == [1, 2]
    one = one_of(database, import_id)
    assert (one.state, one.removed_count) == (ImportState.UNDONE, 3)
    with pytest.raises(StepNotAllowed):
        act(import_id, "undo")


@pytest.fixture
def closed(database: Database, cast: Cast) -> Callable[[], int]:
    """The first half of 2025, closed by the province."""

    def closed() -> int:
        with database.writing() as session:
            seed_directive_kinds(session)  # a server's database was emptied whole
            person = session.get_one(Person, cast.people["clerk"])
            return Closings(session, session.get_one(Unit, cast.units["LDLD"]), target_for).close(half(2025, 1), person).id

    return closed


def test_undoing_takes_documents_out_of_closed_periods_and_the_closing_shows_them(
    database: Database, objects: FolderObjects, bring: Callable[..., int], closed: Callable[[], int], cast: Cast
) -> None:
    secret = ["", "", "05/03/2025", "", "", "Quyết định", 1]
    import_id = bring(table(line(1), line(2), line(3, day="05/08/2025"), secret))
    closing_id = closed()
    with database.writing() as session:
        undone = Run(session, objects, session.get_one(RegisterImport, import_id)).undo()
        assert [(closing.id, count) for closing, count in undone.closed] == [(closing_id, 3)]
    assert register(database) == []
    with database.reading() as session:
        closings = Closings(session, session.get_one(Unit, cast.units["LDLD"]), target_for)
        changes = closings.changes(closings.get(closing_id))
        assert [(change.document["number"], change.after) for change in changes.documents] == [
            ("01/KH-LĐLĐ", None),
            ("02/KH-LĐLĐ", None),
        ]
        assert changes.before.facts == closings.get(closing_id).frozen().facts


def test_what_is_brought_in_after_an_undo_is_never_taken_for_what_was_closed(
    database: Database, bring: Callable[..., int], act: Callable[..., Any], closed: Callable[[], int], cast: Cast
) -> None:
    import_id = bring(table(line(1)))
    closing_id = closed()
    act(import_id, "undo")
    bring(table(line(7, abstract="Một văn bản khác")))
    with database.reading() as session:
        closings = Closings(session, session.get_one(Unit, cast.units["LDLD"]), target_for)
        changes = closings.changes(closings.get(closing_id)).documents
        assert [(bool(one.before), bool(one.after), one.document["number"]) for one in changes] == [
            (True, False, "01/KH-LĐLĐ"),
            (False, True, "07/KH-LĐLĐ"),
        ]


def test_a_closed_period_is_that_of_the_units_below_too_and_of_nobody_else(
    database: Database, closed: Callable[[], int], cast: Cast
) -> None:
    closing_id = closed()
    with database.writing() as session:
        other = Unit(code="KHAC", name="Tỉnh khác", kind=UnitKind.PROVINCE, valid_from=date(1989, 7, 1))
        session.add(other)
        session.flush()
        days = [date(2025, 6, 30), date(2025, 7, 1)]
        assert [(one.id, count) for one, count in closings_over(session, cast.units["CD-PHUCAT"], days)] == [(closing_id, 1)]
        assert closings_over(session, cast.units["CD-PHUCAT"], days[1:]) == []
        assert closings_over(session, other.id, days) == []


def test_secret_documents_are_counted_and_the_file_is_not_kept(
    database: Database, objects: FolderObjects, bring: Callable[..., int], act: Callable[..., Any], cast: Cast
) -> None:
    secret = ["", "", "05/03/2025", "", "", "Quyết định", 1]
    content = table(line(1), secret, secret)
    import_id = bring(content)
    one = one_of(database, import_id)
    assert (one.added_count, one.secret_count, one.sha256) == (1, 2, "")
    assert list(objects.keys()) == [one.rows_sha256]
    with database.reading() as session:
        counted = session.scalars(select(SecretCount)).one()
        assert (counted.year, counted.month, counted.kind, counted.count) == (2025, 3, "Quyết định", 2)
    bring(content)
    with database.reading() as session:
        assert session.scalars(select(SecretCount.count)).all() == [2]
    act(import_id, "undo")
    with database.reading() as session:
        assert session.scalars(select(SecretCount)).all() == []


def test_a_file_with_anything_of_a_secret_document_is_refused_whole(objects: FolderObjects) -> None:
    content = table(line(1), ["", "", "05/03/2025", "điều bí mật", "", "", 1], headings=HEADINGS)
    with pytest.raises(SecretContent) as refused:
        draft(read_tables(content), Register.OUTGOING, name="so.xlsx")
    assert refused.value.rows == (3,)
    assert list(objects.keys()) == []


def test_secret_content_on_any_sheet_refuses_the_file() -> None:
    book = Workbook()
    book.worksheets[0].append(HEADINGS)
    book.worksheets[0].append(line(1))
    book.create_sheet("Nháp").append(["ghi nhớ", "MẬT"])
    target = io.BytesIO()
    book.save(target)
    with pytest.raises(SecretContent) as refused:
        draft(read_tables(target.getvalue()), Register.OUTGOING, name="so.xlsx")
    assert refused.value.rows == (1_000_001,)


def test_sheets_with_the_same_headings_are_one_register(database: Database, bring: Callable[..., int]) -> None:
    book = Workbook()
    for month in (1, 2, 3):
        sheet = book.create_sheet(f"Tháng {month}") if month > 1 else book.worksheets[0]
        sheet.append([f"SỔ VĂN BẢN ĐI THÁNG {month} NĂM 2025"])
        sheet.append(HEADINGS)
        sheet.append(line(month, day=f"05/{month:02}"))
    target = io.BytesIO()
    book.save(target)
    import_id = bring(target.getvalue())
    assert counts(database, import_id) == (ImportState.DONE, 3, 0, 0, 0)
    assert choice_of(one_of(database, import_id).mapping).year == 2025


def test_a_table_without_headings_is_refused() -> None:
    with pytest.raises(HeadingsMissing):
        draft(read_tables(b"1;2;3\n4;5;6\n"), Register.OUTGOING, name="so.csv")


def test_what_was_chosen_is_offered_for_the_next_file(
    database: Database, begin: Callable[..., int], act: Callable[..., Any], cast: Cast
) -> None:
    import_id = begin(table(line(1)))
    with database.writing() as session:
        one = session.get_one(RegisterImport, import_id)
        one.mapping = {**one.mapping, "columns": {"0": "number", "2": "dated", "3": "note", "1": "abstract"}}
    act(import_id, "start")
    with database.reading() as session:
        unit = cast.units["LDLD"]
        before = RegisterImports(session, {unit}).remembered(unit, Register.OUTGOING)
        assert before == {
            "so": "number",
            "ky hieu": "abstract",
            "ngay vb": "dated",
            "trich yeu": "note",
            "hinh thuc": "",
            "loai": "",
            "mat": "",
        }
    drafted = draft(read_tables(table(line(1))), Register.OUTGOING, name="so.xlsx", before=before)
    assert drafted.choice.columns == {0: Field.NUMBER, 1: Field.ABSTRACT, 2: Field.DATED, 3: Field.NOTE}


def test_an_import_of_a_unit_that_is_not_kept_is_not_found(database: Database, begin: Callable[..., int], cast: Cast) -> None:
    import_id = begin(table(line(1)))
    with database.reading() as session, pytest.raises(NotFound):
        RegisterImports(session, {cast.units["CD-PHUCAT"]}).get(import_id)


def test_a_file_that_is_given_up_leaves_nothing(
    database: Database, objects: FolderObjects, begin: Callable[..., int], bring: Callable[..., int]
) -> None:
    content = table(line(1))
    first, second = begin(content), begin(content)
    with database.writing() as session:
        discard(session, objects, session.get_one(RegisterImport, first))
    assert len(list(objects.keys())) == 2  # the other one still names them
    with database.writing() as session:
        discard(session, objects, session.get_one(RegisterImport, second))
    assert list(objects.keys()) == []


def test_what_was_kept_is_no_orphan(database: Database, objects: FolderObjects, bring: Callable[..., int]) -> None:
    bring(table(line(1)))
    with database.reading() as session:
        assert unneeded(session, objects.keys()) == set()


def test_the_incoming_register_is_brought_in_and_undone(
    database: Database, bring: Callable[..., int], act: Callable[..., Any]
) -> None:
    rows = [[n, f"0{n}/02/2025", "Tổng LĐLĐ", f"{n}/QĐ-TLĐ", "Quyết định về việc khen thưởng"] for n in (1, 2)]
    content = table(*rows, headings=INCOMING)
    import_id = bring(content, register=Register.INCOMING)
    with database.reading() as session:
        first = session.scalars(select(IncomingDocument).order_by(IncomingDocument.number)).first()
        assert first
        assert (first.year, first.number, first.author, first.written_number) == (2025, 1, "Tổng LĐLĐ", "1/QĐ-TLĐ")
        assert (first.kind, first.abstract) == ("Quyết định", "Về việc khen thưởng")
    assert counts(database, bring(content, register=Register.INCOMING)) == (ImportState.DONE, 0, 2, 0, 0)
    assert act(import_id, "undo").staying == {}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IncomingDocument)) == 0
