import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.archive.documents import kind_of_title, parse_date, parse_number
from domain.archive.secrecy import rule_of
from domain.archive.work import Standing
from domain.directives.directives import OutgoingState
from domain.ground import clock
from domain.ground.clock import now, today
from domain.indicators.indicators import ReportState, last_ended, previous
from domain.meetings.meetings import MeetingState
from domain.people.roles import Role
from domain.people.units import UnitKind, check_tree, tree_on
from khonggiay.demo import demo
from khonggiay.demo.papers import TEXTS, read_paper
from khonggiay.demo.scans import Kind, Look, scan
from khonggiay.demo.tables import table
from storage.archive.documents import Document
from storage.archive.intake import Batch, Receipt
from storage.archive.reception import receive
from storage.directives.numbering import NumberSeries
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.indicators.board import Board
from storage.indicators.plans import Plans
from storage.indicators.reports import Closings, digest
from storage.meetings.attendance import Attendance
from storage.meetings.bodies import Bodies
from storage.meetings.meetings import Meeting
from storage.meetings.minutes import MeetingMinutes
from storage.meetings.papers import Papers
from storage.meetings.tasks import Task, Tasks
from storage.people.people import People, Person
from storage.people.scopes import Scopes
from storage.people.units import Unit, Units
from tests.once import hash_cheaply
from tests.prepared import copied
from webapp.people.accounts.passwords import LONGEST, SHORTEST, matches

NAMES = sorted(path.stem for path in TEXTS.glob("*.txt"))
MARKED = "van-ban-mau-de-thu"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environment="test", data_dir=tmp_path)


def draw_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "sign_directives", lambda *_stores: None)  # tested beside, in test_demo_signatures.py
    hash_cheaply(monkeypatch)
    monkeypatch.setattr(demo, "scan", lambda *paper: [(f"{paper[0]}.pdf", b"%PDF-1.4 " + paper[0].encode())])


@pytest.fixture
def drawn_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every paper as a few bytes of its own, for what does not look at the drawings."""
    draw_quickly(monkeypatch)


@dataclass(frozen=True)
class Loaded:
    """The demo, loaded once for all tests that only look at it."""

    database: Database
    accounts: list[tuple[str, str, str]]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("demo")
    database = copied(migrated, folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        draw_quickly(monkeypatch)
        settings = Settings(environment="test", data_dir=folder)
        accounts = demo.load(settings, database, FolderObjects(folder / "objects"))
    yield Loaded(database, accounts)
    database.close()


@pytest.fixture
def session(loaded: Loaded) -> Iterator[Session]:
    with loaded.database.reading() as session:
        yield session


@pytest.mark.slow
def test_an_empty_installation_gets_papers_units_people_and_places(
    settings: Settings, database: Database, objects: FolderObjects
) -> None:
    accounts = demo.load(settings, database, objects)
    assert [login for login, _, _ in accounts] == ["quantri", "luutru", "vanthu", "canbo", "uyvien", "quynhon", "chutich"]
    with database.reading() as session:
        documents = list(session.scalars(select(Document).where(Document.circle == "")))
        assert len(documents) == 16
        assert {document.standing for document in documents} == {Standing.WAITING}
        assert sorted({document.audience for document in documents} - {"open"})[0] == "restricted"
        assert session.scalar(select(func.count()).select_from(Batch).where(Batch.attested_by == "Trần Thị Lan")) == 10
        assert AuditTrail(session).first_break() is None


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2028, 2, 29)])
def test_it_can_be_loaded_on_any_day(
    settings: Settings, database: Database, objects: FolderObjects, drawn_quickly: None, day: date
) -> None:
    with clock.at(datetime.combine(day, time(0, 5), clock.VIETNAM)):
        demo.load(settings, database, objects)


def test_loading_again_changes_nothing_and_names_the_same_accounts(
    settings: Settings, database: Database, objects: FolderObjects, drawn_quickly: None
) -> None:
    first = demo.load(settings, database, objects)
    with database.reading() as session:
        before = session.scalar(select(func.count()).select_from(Receipt))
    assert demo.load(settings, database, objects) == first
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == before


def test_loading_that_was_interrupted_goes_on_and_brings_nothing_twice(
    settings: Settings, database: Database, objects: FolderObjects, drawn_quickly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def dies_at_the_fifth(*args: Any, **options: Any) -> int:
        calls.append(args)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return receive(*args, **options)

    monkeypatch.setattr(demo, "receive", dies_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        demo.load(settings, database, objects)
    assert len(demo.load(settings, database, objects)) == 7
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Document).where(Document.circle == "")) == 16
        assert session.scalar(select(func.count()).select_from(Receipt)) == 19


def test_other_data_are_left_alone(settings: Settings, database: Database, objects: FolderObjects) -> None:
    with database.writing() as session:
        session.add(Unit(code="X", name="Một đơn vị", kind=UnitKind.PROVINCE, valid_from=date(2001, 1, 1)))
    assert demo.load(settings, database, objects) == []
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_production_is_refused(tmp_path: Path, database: Database, objects: FolderObjects) -> None:
    production = Settings(environment="production", secret_key="x" * 32, data_dir=tmp_path)
    with pytest.raises(demo.DemoRefused, match="hệ thống chính thức"):
        demo.load(production, database, objects)


def test_the_command_says_clearly_that_other_data_are_there(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        session.add(Unit(code="X", name="Một đơn vị", kind=UnitKind.PROVINCE, valid_from=date(2001, 1, 1)))
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    answer = CliRunner().invoke(demo.demo)
    assert answer.exit_code == 1
    assert "kho này đã có dữ liệu khác" in answer.output


def test_the_command_prints_the_accounts(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch, drawn_quickly: None
) -> None:
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    answer = CliRunner().invoke(demo.demo)
    assert answer.exit_code == 0
    assert "luutru           luu-tru-2026     Cán bộ lưu trữ" in answer.output


def test_each_role_has_an_account_whose_password_opens_it(loaded: Loaded, session: Session) -> None:
    people = [People(session).named(login) for login, _, _ in loaded.accounts]
    assert frozenset().union(*(person.roles for person in people)) == frozenset(Role)
    for person, (_, password, _) in zip(people, loaded.accounts, strict=True):
        assert SHORTEST <= len(password) <= LONGEST
        assert matches(person.password_hash, password)


def test_a_paper_of_a_unit_is_for_that_unit_and_those_who_see_all(session: Session) -> None:
    audience = session.scalars(select(Document).where(Document.name.like("2024-21-BC-CSPL%"))).one().audience
    knows = {
        login: audience in Scopes(session).audiences(People(session).named(login))
        for login in ("quantri", "luutru", "vanthu", "canbo", "uyvien")
    }
    assert knows == {"quantri": False, "luutru": True, "vanthu": True, "canbo": True, "uyvien": False}


def test_the_tree_of_units_is_sound_before_and_after_the_merger(session: Session) -> None:
    facts = Units(session).facts()
    assert check_tree(facts) == []
    before, after = tree_on(date(2024, 1, 1), facts), tree_on(date(2026, 1, 1), facts)
    assert before[None] == ["LDLD-BD"]
    assert after[None] == ["LDLD-GL"]
    assert len([code for code in before["LDLD-BD"] if code.startswith("H-")]) == 11
    assert len([code for code in after["LDLD-GL"] if code.startswith("CD-")]) == 17


def test_a_paper_is_drawn_the_same_each_time() -> None:
    first, second = (scan("1995-18-TB-LDLD", Look.PHOTOCOPY, Kind.TIFF) for _ in range(2))
    assert [hashlib.sha256(content).digest() for _, content in first] == [
        hashlib.sha256(content).digest() for _, content in second
    ]


def test_a_paper_of_two_pages_scanned_as_pictures_is_two_files_in_order() -> None:
    files = scan("2012-07-BC-LDLD-Tuy-Phuoc", Look.GREY, Kind.JPEG)
    assert [name for name, _ in files] == ["2012-07-BC-LDLD-Tuy-Phuoc_p1.jpg", "2012-07-BC-LDLD-Tuy-Phuoc_p2.jpg"]
    assert all(content.startswith(b"\xff\xd8\xff") for _, content in files)


def test_every_text_is_loaded_once() -> None:
    assert sorted(name for lot in table("federation")["lots"] for name, _, _ in lot["papers"]) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_paper_says_number_date_and_kind_as_official_papers_do(name: str) -> None:
    paper = read_paper(name)
    number = parse_number(paper.number.removeprefix("Luật ").replace("số:", "Số:"))
    assert number is not None
    assert (number.mark == "-") is paper.is_party
    dated = parse_date(paper.date)
    assert dated
    assert dated.day is not None
    assert paper.kind == "" or kind_of_title(paper.kind)


@pytest.mark.parametrize("name", [name for name in NAMES if name != MARKED])
def test_no_paper_bears_a_mark_of_secrecy(name: str) -> None:
    paper = read_paper(name)
    lines = [paper.stamp, *paper.issuer, *paper.abstract, *paper.body]
    assert [line for line in lines if rule_of(line)] == []


def test_the_one_marked_paper_is_plainly_invented() -> None:
    paper = read_paper(MARKED)
    assert (paper.stamp, paper.abstract) == ("MẬT", ("Văn bản mẫu để thử",))
    assert "không có nội dung bí mật nhà nước" in paper.body[0]


@pytest.fixture
def meetings(session: Session) -> list[Meeting]:
    """The meeting that is over, the one that is open, and the one ahead."""
    return session.query(Meeting).order_by(Meeting.starts_at).all()


def test_two_bodies_of_35_and_11_decide_by_two_thirds(session: Session) -> None:
    bodies = {body.name: body for body in Bodies(session).all()}
    committee, standing = bodies["Ban Chấp hành LĐLĐ tỉnh khóa XIV"], bodies["Ban Thường vụ LĐLĐ tỉnh khóa XIV"]
    assert [len(body.members_on(date(2026, 11, 22))) for body in (committee, standing)] == [35, 11]
    assert all(body.rules[0].quorum_share == Fraction(2, 3) for body in bodies.values())
    assert {member.person_id for member in standing.members} <= {member.person_id for member in committee.members}


def test_one_meeting_is_called_ahead_and_the_demo_member_has_still_to_answer(meetings: list[Meeting]) -> None:
    _, _, ahead = meetings
    assert (ahead.state, len(ahead.items), len(ahead.participants)) == (MeetingState.CONVENED, 6, 37)
    assert ahead.starts_at > now() + timedelta(days=2)
    answers = {one.person.login: one.coming for one in ahead.participants}
    assert answers["uyvien"] is None
    assert [sum(answer is given for answer in answers.values()) for given in (True, False, None)] == [22, 3, 12]


def test_one_meeting_is_open_now_and_one_more_makes_the_quorum(session: Session, meetings: list[Meeting]) -> None:
    _, open_now, _ = meetings
    assert open_now.presiding
    assert (open_now.state, open_now.presiding.login) == (MeetingState.OPEN, "chutich")
    assert open_now.item_on_floor is open_now.items[0]
    assert sum(one.has_vote for one in open_now.participants) == 11
    present = Attendance(session, open_now).present()
    assert len(present) == 7


def test_the_registers_hold_what_was_issued_since_2025_and_their_numbers_run_on(session: Session) -> None:
    issued = list(session.scalars(select(OutgoingDocument).where(OutgoingDocument.state == OutgoingState.ISSUED)))
    assert len(issued) > 500
    assert {document.dated.year for document in issued if document.dated} >= {2025, 2026}
    runs = {(series.unit_id, series.series): series.last for series in session.scalars(select(NumberSeries))}
    for document in issued:
        assert document.number is not None
        assert document.series is not None
        assert document.number <= runs[document.unit_id, document.series]
    assert any(document.claimed_low < document.claimed_high for document in issued), "some do not say how they were issued"


def test_one_meeting_is_over_with_locked_minutes_that_tell_its_vote_and_tasks_in_every_state(
    session: Session, meetings: list[Meeting]
) -> None:
    over, _, _ = meetings
    assert over.state is MeetingState.CLOSED
    minutes = MeetingMinutes(session, over).get()
    assert minutes.is_locked
    told = "\n".join(section.text for section in minutes.sections)
    assert "Thông qua chủ trương số hóa tài liệu lưu trữ" in told
    assert "THÔNG QUA, với 8/11" in told
    assert "3. Công đoàn phường Quy Nhơn báo cáo" in told
    assert sum(task.done_at is not None for task in session.scalars(select(Task))) == 1
    assert [task.title for task in Tasks(session).open().rows if task.due_on < today()] == ["Báo cáo việc thu kinh phí"]


def test_the_conference_has_its_papers_published(session: Session, meetings: list[Meeting]) -> None:
    _, _, ahead = meetings
    assert [len(paper.published) for paper in Papers(session, ahead).all()] == [1, 1, 1]


def test_the_reports_on_indicators_stand_everywhere_on_their_way(session: Session) -> None:
    plan, period = Plans(session).all()[0], last_ended(today())
    board = Board(session, plan, period, frozenset(unit.id for unit in Units(session).all()))
    assert set(board.states.values()) == set(ReportState)
    assert [board.units[unit].code for unit in board.silent(board.reporters) if unit not in board.states] == [
        "CD-ANKHE",
        "CD-AYUNPA",
    ]
    returned = next(report for report in board.latest(board.reporters).values() if report.state is ReportState.RETURNED)
    assert (returned.unit.code, len(returned.files)) == ("CD-QUYNHON", 1)
    assert returned.steps[-1].at <= now()
    closings = Closings(session, plan).all()
    assert [closing.period for closing in closings] == [one.code for one in reversed(previous(period, 3)[:2])]
    assert all(digest(closing.content) == closing.sha256 for closing in closings)
    shares = [
        board.of(one).total(plan.indicator("CT06"), board.of(one).reporters).figure.share.point for one in previous(period, 5)
    ]
    assert shares == sorted(share for share in shares if share is not None), "more take part each half-year"
