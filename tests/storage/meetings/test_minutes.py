"""The records of minutes: nothing is overwritten, every change takes approvals back, and what is locked stays as it is."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from domain.directives.numbering import GapReason, NotAGap
from domain.ground.clock import today
from domain.ground.errors import AlreadyExists, StepNotAllowed
from domain.meetings.minutes import (
    DraftTouched,
    MinutesChanged,
    MinutesLocked,
    ResultNotPublished,
    SamePersonApproves,
    Section,
    SectionChanged,
    draft,
)
from domain.meetings.voting import VoteKind, VoteState
from storage.directives.numbering import NumberGap, Numbering
from storage.ground.database import Database
from storage.meetings.ballots import Vote
from storage.meetings.course import course_of
from storage.meetings.meetings import Meeting
from storage.meetings.minutes import Approver, MeetingMinutes, Minutes, MinutesRevision
from storage.people.people import People, Person
from tests.cast import Cast, gather
from tests.held import hold_meeting
from tests.meetings import Gathering

SECTIONS = [
    Section("abstract", "Trích yếu", "Hội nghị"),
    Section("opening", "Thời gian", "08 giờ."),
    Section("ending", "Kết thúc", "11 giờ."),
]


class Desk:
    """One session with a held meeting, its minutes, and two people."""

    def __init__(self, session: Session, cast: Cast, held: Gathering) -> None:
        self.session, self.meeting = session, session.get_one(Meeting, held.meeting)
        self.book = MeetingMinutes(session, self.meeting)
        people = People(session)
        self.secretary, self.chair = people.get(cast.people["secretary"]), people.get(cast.people["chair"])
        self.minutes = self.book.draft(SECTIONS, self.secretary)

    def change(self, words: str, *, revision: int = 1, by: Person | None = None) -> bool:
        return self.book.change(self.minutes, "opening", words, revision=revision, person=by or self.secretary)

    def lock(self) -> None:
        self.book.approve(self.minutes, Approver.SECRETARY, self.secretary, revision=self.minutes.revision)
        self.book.approve(self.minutes, Approver.CHAIR, self.chair, revision=self.minutes.revision)


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    cast = gather(database)
    held = hold_meeting(database, cast)
    with database.writing() as session:
        yield Desk(session, cast, held)


def test_a_change_takes_the_next_revision_and_keeps_what_stood_before(desk: Desk) -> None:
    assert desk.change("08 giờ 05.")
    assert (desk.minutes.revision, desk.minutes.section("opening").revision) == (2, 2)
    kept = [(one.number, one.text, one.person.name) for one in desk.book.revisions(desk.minutes, "opening")]
    assert kept == [(2, "08 giờ 05.", "Bùi Thị Ghi"), (1, "08 giờ.", "Bùi Thị Ghi")]


def test_the_same_text_is_no_change(desk: Desk) -> None:
    assert not desk.change("08 giờ.  \n")
    assert desk.minutes.revision == 1


def test_a_section_that_somebody_else_has_changed_is_not_overwritten(desk: Desk) -> None:
    desk.change("Của chủ tọa.", by=desk.chair)
    with pytest.raises(SectionChanged) as refused:
        desk.change("Của thư ký.", revision=1)
    assert refused.value.revision == 2
    assert desk.minutes.section("opening").text == "Của chủ tọa."


def test_two_people_may_change_two_sections_at_once(desk: Desk) -> None:
    desk.change("Mở.")
    assert desk.book.change(desk.minutes, "ending", "Đóng.", revision=1, person=desk.chair)


def test_a_draft_is_made_anew_only_while_nobody_has_worked_on_it(desk: Desk) -> None:
    desk.book.draft([Section("opening", "Thời gian", "Mới.")], desk.secretary)
    assert [section.text for section in desk.minutes.sections] == ["Mới."]
    desk.change("Đã sửa.")
    with pytest.raises(DraftTouched):
        desk.book.draft(SECTIONS, desk.secretary)


def test_both_approvals_lock_the_text_by_its_hash(desk: Desk) -> None:
    assert not desk.book.approve(desk.minutes, Approver.SECRETARY, desk.secretary, revision=1)
    assert (desk.minutes.is_locked, desk.minutes.sha256) == (False, None)
    assert desk.book.approve(desk.minutes, Approver.CHAIR, desk.chair, revision=1)
    assert desk.minutes.is_locked
    assert desk.minutes.sha256 is not None
    assert len(desk.minutes.sha256) == 64
    assert desk.book.is_intact(desk.minutes)


def test_any_change_takes_every_approval_back(desk: Desk) -> None:
    desk.book.approve(desk.minutes, Approver.SECRETARY, desk.secretary, revision=1)
    desk.change("Sửa.")
    assert desk.minutes.approvals == []


def test_who_approves_must_have_read_the_latest_text(desk: Desk) -> None:
    desk.change("Sửa.")
    with pytest.raises(MinutesChanged):
        desk.book.approve(desk.minutes, Approver.CHAIR, desk.chair, revision=1)


def test_minutes_wait_for_the_result_of_every_vote(desk: Desk) -> None:
    vote = Vote(meeting_id=desk.book.meeting.id, state=VoteState.CLOSED, kind=VoteKind.NAMED, question="Thông qua Nghị quyết")
    desk.session.add(vote)
    desk.session.flush()
    with pytest.raises(ResultNotPublished):
        desk.book.approve(desk.minutes, Approver.SECRETARY, desk.secretary, revision=1)
    vote.state = VoteState.PUBLISHED
    assert desk.book.approve(desk.minutes, Approver.SECRETARY, desk.secretary, revision=1) is False


def test_one_person_does_not_approve_for_both_nor_twice(desk: Desk) -> None:
    desk.book.approve(desk.minutes, Approver.SECRETARY, desk.secretary, revision=1)
    with pytest.raises(SamePersonApproves):
        desk.book.approve(desk.minutes, Approver.CHAIR, desk.secretary, revision=1)
    with pytest.raises(StepNotAllowed):
        desk.book.approve(desk.minutes, Approver.SECRETARY, desk.chair, revision=1)


def test_locked_minutes_refuse_every_change_through_the_book(desk: Desk) -> None:
    desk.lock()
    person = desk.chair
    for change in (
        lambda: desk.change("Sửa."),
        lambda: desk.book.add_section(desk.minutes, "Thêm", person),
        lambda: desk.book.comment(desk.minutes, "opening", "Góp ý", person),
        lambda: desk.book.draft(SECTIONS, person),
        lambda: desk.book.approve(desk.minutes, Approver.CHAIR, person, revision=1),
    ):
        with pytest.raises(MinutesLocked):
            change()


@pytest.mark.parametrize(
    "change",
    [
        lambda minutes: setattr(minutes.sections[1], "text", "Lén sửa."),
        lambda minutes: setattr(minutes, "sha256", "0" * 64),
        lambda minutes: setattr(minutes, "locked_at", None),
        lambda minutes: minutes.sections.pop(),
        lambda minutes: minutes.approvals.clear(),
    ],
)
def test_locked_minutes_refuse_every_change_behind_the_book(desk: Desk, change: Callable[[Minutes], object]) -> None:
    desk.lock()
    change(desk.minutes)
    with pytest.raises(MinutesLocked):
        desk.session.flush()


def test_locked_minutes_may_be_signed_and_archived(desk: Desk) -> None:
    desk.lock()
    desk.minutes.signed_sha256 = "ab" * 32
    desk.session.flush()


def test_a_revision_is_never_rewritten(desk: Desk) -> None:
    desk.session.scalars(select(MinutesRevision).limit(1)).one().text = "Khác."
    with pytest.raises(MinutesLocked):
        desk.session.flush()


def test_what_is_changed_past_all_of_us_is_found_by_the_hash(desk: Desk) -> None:
    desk.lock()
    desk.session.execute(text("UPDATE minutes_sections SET text = 'Khác.' WHERE key = 'opening'"))
    desk.session.expire_all()
    assert not desk.book.is_intact(desk.session.get_one(Minutes, desk.minutes.id))


def test_an_annex_begins_only_after_the_lock_and_is_locked_by_itself(desk: Desk) -> None:
    with pytest.raises(StepNotAllowed):
        desk.book.begin_annex(desk.secretary)
    desk.lock()
    annex = desk.book.begin_annex(desk.secretary)
    assert annex.annex == 1
    with pytest.raises(StepNotAllowed):
        desk.book.begin_annex(desk.secretary)
    desk.book.change(annex, "change", "Sửa giờ bế mạc.", revision=1, person=desk.secretary)
    desk.book.approve(annex, Approver.CHAIR, desk.chair, revision=2)
    assert desk.book.approve(annex, Approver.SECRETARY, desk.secretary, revision=2)
    assert str(desk.minutes.sha256) in str(desk.book.paper(annex).blocks)
    assert desk.book.is_intact(annex)
    assert desk.book.is_intact(desk.minutes)


def test_a_section_of_ones_own_stands_before_the_ending_and_has_its_own_name(desk: Desk) -> None:
    desk.book.add_section(desk.minutes, "Ý kiến khác", desk.secretary)
    assert [section.heading for section in desk.minutes.sections] == ["Trích yếu", "Thời gian", "Ý kiến khác", "Kết thúc"]
    with pytest.raises(AlreadyExists):
        desk.book.add_section(desk.minutes, "Ý kiến khác", desk.secretary)


def test_remarks_stand_with_their_section(desk: Desk) -> None:
    desk.book.comment(desk.minutes, "opening", "Khai mạc muộn hơn.", desk.chair)
    assert [one.text for one in desk.book.comments(desk.minutes)["opening"]] == ["Khai mạc muộn hơn."]


def test_the_course_of_a_held_meeting_becomes_its_draft(desk: Desk) -> None:
    text_of = {one.key: one.text for one in draft(course_of(desk.session, desk.meeting))}
    _first, second, third = desk.meeting.items
    assert text_of["superior"] == "TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM"
    assert text_of["number"] == "Số: ……/BB-BCH"
    assert text_of["attendance"].splitlines()[:2] == [
        "Triệu tập 5 thành viên có quyền biểu quyết; có mặt 4, vắng 1.",
        "Khi khai mạc có mặt 4, cần ít nhất 4: đủ số người để họp.",
    ]
    assert "- Trương Văn Vắng, Ủy viên (lý do: đi công tác)." in text_of["attendance"]
    assert "- 09 giờ 00 phút: Phạm Ủy Viên phát biểu, đến 09 giờ 00 phút." in text_of[f"item:{second.id}"]
    votes = text_of[f"item:{third.id}"]
    assert "10 giờ 40 phút: Biểu quyết công khai, ghi theo tên: “Thông qua Nghị quyết (named)”." in votes
    assert "- Kết quả: đồng ý: 3; không đồng ý: 1; ý kiến khác: 0." in votes
    assert "THÔNG QUA, với 3/5 tổng số thành viên (60,0 %); cần quá 1/2, tức ít nhất 3" in votes
    assert "KHÔNG THÔNG QUA, với 1/5 tổng số thành viên (20,0 %)" in votes
    assert "- Đã hủy, lý do: mở nhầm nội dung." in votes
    assert text_of["incidents"] == "- 11 giờ 20 phút: Mất điện 5 phút."
    assert text_of["conclusions"] == "1. Nhất trí thông qua Nghị quyết."
    assert text_of["chair"] == "Hồ Thị Chủ Tọa"


def numbered(text: str) -> list[Section]:
    return [Section("number", "Số, ký hiệu", text), *SECTIONS]


def test_minutes_get_the_next_number_of_their_units_register_when_they_are_locked(desk: Desk) -> None:
    desk.minutes = desk.book.draft(numbered("Số: ……/BB-BCH"), desk.secretary)
    unit = desk.meeting.body.unit_id if desk.meeting.body else 0
    assert Numbering(desk.session, unit).take_for_minutes(today(), "cuộc họp khác", desk.chair) == 1
    desk.lock()
    assert desk.minutes.section("number").text == "Số: 02/BB-BCH"
    assert desk.book.is_intact(desk.minutes)
    gaps = desk.session.scalars(select(NumberGap).order_by(NumberGap.number)).all()
    assert [(one.number, one.reason, one.note) for one in gaps] == [
        (1, GapReason.MINUTES, "cuộc họp khác"),
        (2, GapReason.MINUTES, f"cuộc họp {desk.meeting.id}"),
    ]
    with pytest.raises(NotAGap):
        Numbering(desk.session, unit).unexplain(gaps[1].id)


def test_a_number_that_was_typed_stays_and_a_rehearsal_takes_none(desk: Desk) -> None:
    desk.meeting.is_rehearsal = True
    desk.minutes = desk.book.draft(numbered("Số: ……/BB-BCH"), desk.secretary)
    desk.lock()
    assert desk.minutes.section("number").text == "Số: ……/BB-BCH"
    desk.meeting.is_rehearsal = False
    annex = desk.book.begin_annex(desk.secretary)
    desk.book.change(annex, "number", "Số: 15/BB-BCH", revision=1, person=desk.secretary)
    for approver, person in ((Approver.SECRETARY, desk.secretary), (Approver.CHAIR, desk.chair)):
        desk.book.approve(annex, approver, person, revision=annex.revision)
    assert annex.section("number").text == "Số: 15/BB-BCH"
    assert desk.session.scalar(select(NumberGap)) is None
