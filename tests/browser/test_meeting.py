"""Meetings as their people live them: several at once, each at a device of their own, with everything that goes wrong in a room."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect
from sqlalchemy import select

from domain.archive.reading import Box, Source, Word
from domain.ground.clock import now
from domain.meetings.meetings import MeetingState
from domain.meetings.papers import PaperState
from domain.meetings.voting import VoteKind
from storage.archive.documents import Document, pack_words
from storage.archive.documents import Page as ReadPage
from storage.archive.intake import Batch
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.meetings import Meeting, Participant
from storage.meetings.notes import Note
from storage.meetings.papers import Papers
from storage.meetings.votes import Votes
from storage.tables import migrate
from tests.browser.conftest import PATIENCE_MS, WIDTHS, RunningSystem
from tests.browser.people import Somebody
from tests.cast import PASSWORD, Cast, gather
from tests.meetings import Gathering, gather_meeting
from webapp.people.accounts.passwords import hash_password

pytestmark = pytest.mark.browser

WORDS = [Word("Điều", Box(0.1, 0.1, 0.1, 0.03), 1.0, 0), Word("một", Box(0.22, 0.1, 0.1, 0.03), 1.0, 0)]
AGREE = {"kind": "named", "question": "Thông qua Nghị quyết về chuyển đổi số?"}


class Assembly:
    """A running system with meetings in it."""

    def __init__(self, system: RunningSystem, database: Database, cast: Cast) -> None:
        self.system, self.database, self.cast = system, database, cast

    def meets(self, *, state: MeetingState = MeetingState.OPEN, here: tuple[str, ...] = ()) -> Gathering:
        """A meeting that has just begun, or is about to, those `here` checked in."""
        starts_at = now() + timedelta(minutes=-5 if state is MeetingState.OPEN else 30)
        gathered = gather_meeting(
            self.database, self.cast, state=state, starts_at=starts_at, password_hash=hash_password(PASSWORD)
        )
        with self.database.writing() as session:
            attendance = Attendance(session, session.get_one(Meeting, gathered.meeting))
            for login in here:
                one = session.get_one(Participant, gathered.participants[login])
                attendance.come(one, Presence.IN_ROOM, set_by="secretary", set_by_id=self.cast.people["secretary"])
        return gathered

    def hands_out(self, gathered: Gathering, pages: int) -> str:
        """A published paper on the decision, with drawn pages; its address."""
        objects, drawn = FolderObjects(self.system.folder / "objects"), io.BytesIO()
        Image.new("RGB", (620, 877), "white").save(drawn, "PNG")
        with self.database.writing() as session:
            meeting = session.get_one(Meeting, gathered.meeting)
            batch = Batch(source="web", attested_by="Trần Thị Lan", attestation="x")
            session.add(batch)
            session.flush()
            document = Document(name="nghi-quyet.pdf", batch_id=batch.id, page_count=pages)
            session.add(document)
            session.flush()
            for number in range(1, pages + 1):
                drawn.seek(0)
                key, _size = objects.put(drawn)
                session.add(
                    ReadPage(
                        document_id=document.id, number=number, source=Source.TEXT_LAYER, text=f"Điều {number}",
                        packed_words=pack_words(WORDS), confidence=1.0, width_px=620, height_px=877, dpi=75, rotation_deg=0,
                        skew_deg=0.0, image_sha256=key,
                    )
                )  # fmt: skip
            papers = Papers(session, meeting)
            paper = papers.add(meeting.items[2], "Dự thảo Nghị quyết")
            version = papers.add_version(
                paper, file_name="nghi-quyet.pdf", media_type="application/pdf", size=1, person_id=self.cast.people["secretary"],
                document=document,
            )  # fmt: skip
            version.state, version.published_at = PaperState.PUBLISHED, now()
            session.flush()
            return f"/meetings/{gathered.meeting}/papers/{paper.id}"

    def tally(self, meeting_id: int) -> tuple[int, int]:
        """How many have voted in the only vote of a meeting, and how many ballots count."""
        with self.database.reading() as session:
            (vote,) = Votes(session).of(session.get_one(Meeting, meeting_id))
            return Votes(session).turnout(vote.id).voted, Votes(session).tally(vote).collected


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assembly]:
    folder = tmp_path_factory.mktemp("assembly")
    database = Database(f"sqlite:///{folder}/khonggiay.sqlite3")
    migrate(database)
    cast = gather(database, hash_password(PASSWORD))
    system = RunningSystem(folder)
    system.start()
    yield Assembly(system, database, cast)
    system.stop()
    database.close()


@pytest.fixture
def enters(chromium: Browser, assembly: Assembly) -> Iterator[Callable[..., Page]]:
    """`enters("chair")` gives the page of a tablet at which somebody has signed in."""
    contexts: list[BrowserContext] = []
    mistakes: list[str] = []

    def enters(login: str, width: str = "tablet", **options: Any) -> Page:
        w, h = WIDTHS[width]
        context = chromium.new_context(
            base_url=assembly.system.address, viewport={"width": w, "height": h}, locale="vi-VN", has_touch=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        Somebody(page, login)
        return page

    yield enters
    for context in contexts:
        context.close()
    assert mistakes == []


def prepare_vote(secretary: Page, meeting: int, question: str = AGREE["question"]) -> None:
    """The secretary writes the question down."""
    secretary.goto(f"/meetings/{meeting}/votes/new")
    secretary.get_by_label("Câu hỏi").or_(secretary.locator("#question")).first.fill(question)
    secretary.locator("#item").select_option(index=3)
    secretary.get_by_role("button", name="Lưu").click()
    expect(secretary.get_by_text("Đã soạn nội dung biểu quyết")).to_be_visible()


def take_up_the_decision(chair: Page, meeting: int) -> None:
    """The chair goes to the item that asks for a decision."""
    chair.goto(f"/meetings/{meeting}/desk")
    chair.get_by_role("button", name="Chuyển sang: Thông qua Nghị quyết về chuyển đổi số").click()
    expect(chair.locator("[data-part=now] h2")).to_have_text("Thông qua Nghị quyết về chuyển đổi số")


def open_vote(chair: Page) -> None:
    """The chair lets ballots in."""
    chair.locator("[data-part=next]").get_by_role("button", name="Mở biểu quyết").click()
    expect(chair.locator("[data-part=next]").get_by_role("button", name="Khóa biểu quyết")).to_be_visible()


def close_vote(chair: Page) -> None:
    """The chair lets no more ballots in, though some who are here have not voted."""
    chair.locator("[data-part=next]").get_by_role("button", name="Khóa biểu quyết").click()
    chair.locator("dialog").get_by_role("button", name="Khóa biểu quyết").click()


def close_vote_that_all_are_in(chair: Page) -> None:
    """The chair lets no more ballots in once everybody has voted, and is asked nothing."""
    button = chair.locator("[data-part=next]").get_by_role("button", name="Khóa biểu quyết")
    expect(button).to_be_enabled()
    button.click()
    expect(button).to_have_count(0)


def choose(page: Page, choice: str = "Đồng ý") -> None:
    """Mark the ballot."""
    page.locator("[data-ballot] form").get_by_text(choice, exact=True).click()


EVERYBODY = ("chair", "deputy", "member", "delegate")


def test_what_the_chair_does_everybody_sees_at_once_and_the_verdict_is_in_the_words_of_the_rule(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, member, screen = enters("chair"), enters("member"), enters("secretary", "desktop")
    member.goto(f"/meetings/{met.meeting}/room")
    prepare_vote(screen, met.meeting)
    screen.goto(f"/meetings/{met.meeting}/screen")
    take_up_the_decision(chair, met.meeting)
    for page in (member, screen):
        expect(page.locator("[data-part=now] h2")).to_have_text("Thông qua Nghị quyết về chuyển đổi số")
    expect(member.locator("#asked-of option")).to_have_count(8)  # everybody, though no message carries their names
    open_vote(chair)
    expect(screen.locator("[data-part=vote] h2")).to_have_text(AGREE["question"])
    choose(member)
    member.get_by_role("button", name="Gửi phiếu").click()
    expect(member.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible()
    chair.goto(f"/meetings/{met.meeting}/desk")
    close_vote(chair)
    chair.locator("[data-part=next]").get_by_role("button", name="Công bố kết quả").click()
    for page in (member, screen):
        expect(page.locator("[data-part=vote] .verdict .word")).to_have_text("Không thông qua")
        expect(page.locator("[data-part=vote] .verdict .rule")).to_contain_text("Quy chế làm việc của Ban Chấp hành, điều 9")
    assert assembly.tally(met.meeting) == (1, 1)


def test_a_member_who_loses_the_network_between_pressing_and_receipt_is_never_told_to_vote_again(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, member, second = enters("chair"), enters("member"), enters("member", "phone")
    prepare_vote(enters("secretary"), met.meeting)
    take_up_the_decision(chair, met.meeting)
    member.goto(f"/meetings/{met.meeting}/room")
    second.goto(f"/meetings/{met.meeting}/room")
    open_vote(chair)
    choose(member)
    member.route("**/ballot", lambda route: (route.fetch(), route.abort()))  # the ballot arrives, its answer does not
    member.get_by_role("button", name="Gửi phiếu").click()
    expect(member.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible(timeout=30_000)
    expect(second.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible()  # every device of that voter shows it
    assert assembly.tally(met.meeting) == (1, 1)


def test_a_ballot_pressed_without_a_network_is_sent_when_it_comes_back(assembly: Assembly, enters: Callable[..., Page]) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, member = enters("chair"), enters("member")
    prepare_vote(enters("secretary"), met.meeting)
    take_up_the_decision(chair, met.meeting)
    member.goto(f"/meetings/{met.meeting}/room")
    open_vote(chair)
    choose(member)
    member.context.set_offline(True)
    member.get_by_role("button", name="Gửi phiếu").click()
    expect(member.get_by_text("Đang xác nhận")).to_be_visible(timeout=30_000)
    assert assembly.tally(met.meeting)[0] == 0
    member.context.set_offline(False)
    expect(member.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible(timeout=30_000)
    assert assembly.tally(met.meeting) == (1, 1)


def test_the_chairs_tablet_dies_during_a_vote_and_the_deputy_goes_on_in_two_taps(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, deputy, member = enters("chair"), enters("deputy"), enters("member")
    prepare_vote(enters("secretary"), met.meeting)
    take_up_the_decision(chair, met.meeting)
    member.goto(f"/meetings/{met.meeting}/room")
    open_vote(chair)
    chair.context.close()
    deputy.goto(f"/meetings/{met.meeting}/desk")
    deputy.get_by_role("link", name="Tiếp quản điều hành").click()
    deputy.get_by_role("button", name="Tiếp quản điều hành").click()
    expect(member.locator("[data-part=quorum]")).to_contain_text("Điều hành: Đinh Văn Phó")
    choose(member)
    member.get_by_role("button", name="Gửi phiếu").click()
    expect(member.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible()
    close_vote(deputy)
    expect(deputy.locator("[data-part=next]").get_by_role("button", name="Công bố kết quả")).to_be_visible()
    assert assembly.tally(met.meeting) == (1, 1)


def test_who_checks_in_while_a_vote_is_open_is_present_but_not_on_its_roll(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=("chair", "deputy", "delegate", "absentee"))
    chair, secretary, member = enters("chair"), enters("secretary"), enters("member")
    prepare_vote(secretary, met.meeting)
    take_up_the_decision(chair, met.meeting)
    open_vote(chair)
    secretary.goto(f"/meetings/{met.meeting}/check-in/show")
    code = re.sub(r"\D", "", secretary.locator(".code-digits").inner_text())
    member.goto(f"/meetings/{met.meeting}/room")
    member.get_by_label("Mã điểm danh").fill(code)
    member.get_by_role("button", name="Điểm danh", exact=True).click()
    expect(chair.locator("[data-part=quorum]")).to_contain_text("Có mặt 5/5")
    expect(member.get_by_text("không có bạn trong số người có mặt")).to_be_visible()
    expect(member.locator("[data-ballot] form")).to_be_hidden()


def test_a_guest_of_one_item_sees_that_item_and_nothing_else(assembly: Assembly, enters: Callable[..., Page]) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, guest = enters("chair"), enters("guest")
    guest.goto(f"/meetings/{met.meeting}/room")
    chair.goto(f"/meetings/{met.meeting}/desk")
    chair.get_by_role("button", name="Chuyển sang: Báo cáo kết quả công tác năm 2026").click()
    expect(chair.locator("[data-part=now] h2")).to_have_text("Báo cáo kết quả công tác năm 2026")
    guest.wait_for_timeout(1500)
    expect(guest.locator("#content")).not_to_contain_text("Báo cáo kết quả công tác năm 2026")
    chair.get_by_role("button", name="Chuyển sang: Thông qua Nghị quyết về chuyển đổi số").click()
    expect(guest.locator("[data-part=now] h2")).to_have_text("Thông qua Nghị quyết về chuyển đổi số")


def test_reading_the_agenda_and_casting_a_ballot_work_without_scripts(assembly: Assembly, enters: Callable[..., Page]) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair = enters("chair")
    member = enters("member", java_script_enabled=False)
    prepare_vote(enters("secretary"), met.meeting)
    take_up_the_decision(chair, met.meeting)
    open_vote(chair)
    member.goto(f"/meetings/{met.meeting}/room")
    expect(member.locator("[data-part=agenda]")).to_contain_text("Báo cáo kết quả công tác năm 2026")
    member.get_by_role("link", name="Mở phiếu biểu quyết").click()
    member.get_by_label("Không đồng ý", exact=True).check()
    member.get_by_role("button", name="Gửi phiếu").click()
    expect(member.get_by_role("heading", level=1)).to_have_text("Phiếu của bạn đã được ghi")
    assert assembly.tally(met.meeting) == (1, 1)


def test_the_server_is_killed_and_the_room_goes_on_by_itself(assembly: Assembly, enters: Callable[..., Page]) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, member = enters("chair"), enters("member")
    member.goto(f"/meetings/{met.meeting}/room")
    chair.goto(f"/meetings/{met.meeting}/desk")
    assembly.system.kill("web")
    chair.get_by_role("button", name="Chuyển sang: Báo cáo kết quả công tác năm 2026").click()
    expect(member.locator("[data-part=now] h2")).to_have_text("Báo cáo kết quả công tác năm 2026", timeout=40_000)


def test_a_second_tap_on_the_same_place_closes_no_vote(assembly: Assembly, enters: Callable[..., Page]) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, secretary = enters("chair"), enters("secretary", "desktop")
    prepare_vote(secretary, met.meeting)
    take_up_the_decision(chair, met.meeting)
    opening = chair.locator("[data-part=next]").get_by_role("button", name="Mở biểu quyết")
    expect(opening).to_be_enabled()  # it stood where the item was taken up
    box = opening.bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    chair.mouse.click(*middle)
    button = chair.locator("[data-part=next]").get_by_role("button", name="Khóa biểu quyết")
    expect(button).to_be_disabled()  # it stands where “open” stood
    for _tap in range(3):
        chair.mouse.click(*middle)
    expect(button).to_be_enabled()
    expect(chair.locator("dialog")).to_have_count(0)
    chair.mouse.click(*middle)
    expect(chair.locator("dialog")).to_contain_text("Còn 4 người có mặt chưa bỏ phiếu.")
    expect(chair.locator("dialog").get_by_role("button", name="Chưa")).to_be_focused()
    chair.keyboard.press("Enter")
    expect(chair.locator("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    close_vote(chair)
    chair.get_by_role("link", name="Khóa nhầm? Mở lại").click()
    chair.get_by_label("Lý do mở lại").fill("Bấm nhầm")
    chair.get_by_role("button", name="Mở lại", exact=True).click()
    expect(chair.get_by_text("Đang biểu quyết").first).to_be_visible()


def test_a_vote_calls_whoever_reads_elsewhere_and_its_result_is_said(assembly: Assembly, enters: Callable[..., Page]) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, secretary, member = enters("chair"), enters("secretary", "desktop"), enters("member", "phone")
    prepare_vote(secretary, met.meeting)
    member.goto(f"/meetings/{met.meeting}/papers")
    take_up_the_decision(chair, met.meeting)
    expect(member.get_by_role("status").filter(has_text="Thông qua Nghị quyết về chuyển đổi số")).to_have_count(1)
    open_vote(chair)
    expect(member.get_by_role("alert")).to_have_text("Đang biểu quyết: Thông qua Nghị quyết về chuyển đổi số?")
    assert member.title().startswith("(!) Đang biểu quyết: Tài liệu của cuộc họp")
    expect(member.get_by_role("radio", name="Đồng ý", exact=True)).to_be_in_viewport(ratio=1)
    tree = member.locator("main").aria_snapshot()  # as a screen reader is given it
    assert tree.index('- radio "Đồng ý"') < tree.index('- heading "Tài liệu của cuộc họp" [level=1]')
    member.get_by_text("Đồng ý", exact=True).click()
    member.get_by_role("button", name="Gửi phiếu").click()
    expect(member.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible()
    expect(member).to_have_title("Tài liệu của cuộc họp – Không Giấy")
    close_vote(chair)
    publish = chair.locator("[data-part=next]").get_by_role("button", name="Công bố kết quả")
    expect(publish).to_be_enabled()
    publish.click()
    said = member.get_by_role("status").filter(
        has_text="Kết quả biểu quyết: Thông qua Nghị quyết về chuyển đổi số?: Không thông qua"
    )
    expect(said).to_have_count(1)


def test_a_hand_noted_for_a_member_is_told_and_gives_way_to_the_members_ballot(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=EVERYBODY)
    chair, secretary, member = enters("chair"), enters("secretary", "desktop"), enters("member", "phone")
    prepare_vote(secretary, met.meeting)
    take_up_the_decision(chair, met.meeting)
    open_vote(chair)
    member.goto(f"/meetings/{met.meeting}/room")
    secretary.goto(f"/meetings/{met.meeting}/votes")
    secretary.get_by_role("link", name=AGREE["question"]).first.click()
    secretary.get_by_role("link", name="Ghi những người còn lại…").click()
    expect(secretary.get_by_role("checkbox")).to_have_count(4)
    secretary.get_by_role("button", name="Ghi giơ tay").click()
    expect(secretary.get_by_text("Đã ghi giơ tay cho 4 người: Đồng ý.")).to_be_visible()
    expect(member.get_by_text("Bùi Thị Ghi đã ghi giơ tay cho bạn lúc")).to_be_visible()
    choose(member, "Không đồng ý")
    member.get_by_role("button", name="Gửi phiếu").click()
    expect(member.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible()
    expect(member.get_by_text("đã ghi giơ tay cho bạn")).to_be_hidden()
    assert assembly.tally(met.meeting) == (4, 4)
    close_vote_that_all_are_in(chair)
    secretary.reload()
    expect(secretary.get_by_text("1 người tự bỏ trên thiết bị; 3 giơ tay, Bùi Thị Ghi ghi")).to_be_visible()


def test_a_whole_meeting_from_the_invitation_to_minutes_that_nobody_can_change(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(state=MeetingState.DRAFT)
    clerk, chair, secretary, member = enters("clerk"), enters("chair"), enters("secretary"), enters("member")

    clerk.goto(f"/meetings/{met.meeting}/convene")
    clerk.get_by_role("button", name="Gửi giấy mời").click()
    expect(clerk.get_by_text("Đã mời họp").first).to_be_visible()
    member.goto(f"/meetings/{met.meeting}/answer")
    member.get_by_label("Tôi sẽ dự họp").check()
    member.get_by_role("button", name="Gửi câu trả lời").click()

    secretary.goto(f"/meetings/{met.meeting}/check-in/show")
    code = re.sub(r"\D", "", secretary.locator(".code-digits").inner_text())
    for page in (chair, member):
        page.goto(f"/meetings/{met.meeting}/check-in")
        page.locator("input[name=code]").fill(code)
        page.get_by_role("button", name="Tôi có mặt tại phòng").click()
        expect(page.get_by_text("Đã điểm danh").first).to_be_visible()
    secretary.goto(f"/meetings/{met.meeting}/attendance")
    for name in ("Đinh Văn Phó", "Mai Thị Đại Biểu"):
        row = secretary.locator("li, tr").filter(has_text=name).last
        row.get_by_role("button", name="Có mặt").click()

    chair.goto(f"/meetings/{met.meeting}/desk")
    chair.locator("[data-part=next]").get_by_role("button", name="Khai mạc").click()
    expect(chair.locator("[data-part=quorum]")).to_contain_text("Có mặt 4/5, cần 4, đủ")
    prepare_vote(secretary, met.meeting)
    take_up_the_decision(chair, met.meeting)
    open_vote(chair)
    for page in (chair, member):
        page.goto(f"/meetings/{met.meeting}/room")
        choose(page)
        page.get_by_role("button", name="Gửi phiếu").click()
        expect(page.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible()
    chair.goto(f"/meetings/{met.meeting}/desk")
    close_vote(chair)
    for step in ("Công bố kết quả", "Bế mạc"):
        chair.locator("[data-part=next]").get_by_role("button", name=step).click()
    expect(chair.locator("dialog")).to_contain_text("Còn 2 nội dung chưa xem xét. Đã bế mạc thì không mở lại được.")
    chair.locator("dialog").get_by_role("button", name="Bế mạc").click()
    expect(chair.locator("[data-part=next]")).to_contain_text("Cuộc họp đã bế mạc")

    secretary.goto(f"/meetings/{met.meeting}/minutes")
    secretary.get_by_role("button", name="Lập dự thảo biên bản").click()
    expect(secretary.locator(".paper")).to_contain_text("Thông qua Nghị quyết về chuyển đổi số")
    secretary.get_by_role("button", name="Thư ký xác nhận").click()
    chair.goto(f"/meetings/{met.meeting}/minutes")
    chair.get_by_role("button", name="Chủ tọa xác nhận").click()
    expect(chair.get_by_text("Đã khóa").first).to_be_visible()
    expect(chair.get_by_text("Nguyên vẹn")).to_be_visible()
    with chair.expect_download() as taken:
        chair.get_by_role("link", name="Tải PDF").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF-")


def lies_on(page: Page, number: int) -> None:
    """The page of the paper that lies open, without anybody touching the device."""
    expect(page.locator("#desk")).to_have_attribute("data-page", str(number))


def turns(page: Page, name: str = "Trang sau") -> None:
    """Turn a page."""
    page.get_by_role("link", name=name, exact=True).first.click()


def test_members_follow_the_presenter_leave_and_stand_where_they_were_reading(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=EVERYBODY)
    paper = assembly.hands_out(met, 6)
    chair, member = enters("chair"), enters("member")
    said: list[str] = []
    for page in (chair, member):
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    take_up_the_decision(chair, met.meeting)
    member.goto(f"{paper}?page=1")
    turns(member)
    lies_on(member, 2)
    chair.goto(f"{paper}?page=4")
    chair.get_by_role("button", name="Chiếu trang này cho cả phòng").click()
    member.get_by_role("link", name="Đi theo chủ tọa").click()
    lies_on(member, 4)
    turns(chair)
    lies_on(member, 5)
    member.get_by_role("link", name="Thôi đi theo").click()
    lies_on(member, 2)
    turns(chair)
    expect(member.locator("[data-part=shown]")).to_contain_text("trang 6")
    lies_on(member, 2)
    member.get_by_role("link", name="Đi theo chủ tọa").click()
    lies_on(member, 6)
    turns(member, "Trang trước")  # turning a page oneself leaves
    lies_on(member, 5)
    turns(chair, "Trang trước")
    turns(chair, "Trang trước")  # before the first has come
    lies_on(chair, 4)
    expect(member.locator("[data-part=shown]")).to_contain_text("trang 4")
    lies_on(member, 5)
    assert said == []


def test_the_room_and_the_papers_that_were_opened_stay_readable_without_a_network(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=EVERYBODY)
    paper = assembly.hands_out(met, 3)
    member = enters("member")
    member.goto(f"/meetings/{met.meeting}/room")
    member.evaluate("navigator.serviceWorker.ready.then(() => null)")
    for address in (f"/meetings/{met.meeting}/room", f"/meetings/{met.meeting}/papers", f"{paper}?page=2"):
        member.goto(address, wait_until="networkidle")
    member.locator("[data-key=page-next]").click()  # turned to, never loaded whole
    lies_on(member, 3)
    member.wait_for_load_state("networkidle")
    assembly.system.stop()
    try:
        member.goto(f"/meetings/{met.meeting}/room")
        expect(member.get_by_text("Mất mạng. Đang xem bản lưu lúc")).to_be_visible()
        expect(member.locator("[data-part=agenda]")).to_contain_text("Thông qua Nghị quyết về chuyển đổi số")
        member.goto(f"{paper}?page=2")
        expect(member.get_by_text("Mất mạng. Đang xem bản lưu lúc")).to_be_visible()
        lies_on(member, 2)
        picture = member.locator(".paper-page img")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") == 620
        member.locator("[data-key=page-next]").click()
        lies_on(member, 3)
        member.reload()
        lies_on(member, 3)
        expect(member.get_by_role("heading", level=1)).to_have_text("Dự thảo Nghị quyết")
        expect(member.get_by_text("Mất mạng. Đang xem bản lưu lúc")).to_be_visible()
    finally:
        assembly.system.start()
    member.get_by_role("link", name="Tải lại").click()
    expect(member.get_by_role("heading", level=1)).to_have_text("Dự thảo Nghị quyết")
    expect(member.get_by_text("Mất mạng")).to_have_count(0)


def write_a_note_without_network(page: Page, text: str) -> None:
    """Chooses two words of the open page and writes a note on them; it waits on the device."""
    page.context.set_offline(True)
    first, last = page.locator("rect[data-w='0']"), page.locator("rect[data-w='1']")
    first.scroll_into_view_if_needed()
    for box, press in ((first.bounding_box(), page.mouse.down), (last.bounding_box(), page.mouse.up)):
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        press()
    page.locator(".note-bar").get_by_role("button", name="Ghi chú").click()
    page.keyboard.type(text)
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Chưa lưu được, sẽ thử lại khi có mạng")).to_be_visible()


def test_a_note_written_without_a_network_waits_on_the_device_and_is_sent_when_it_comes_back(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=EVERYBODY)
    paper = assembly.hands_out(met, 1)
    member = enters("member")
    member.goto(paper, wait_until="networkidle")
    write_a_note_without_network(member, "Hỏi lại nguồn vốn")
    member.context.set_offline(False)
    expect(member.get_by_text("Đã lưu")).to_be_visible()
    elsewhere = enters("member")  # another device
    elsewhere.goto(paper)
    expect(elsewhere.locator(".own-note blockquote")).to_have_text("Điều một")
    expect(elsewhere.locator(".own-note textarea")).to_have_value("Hỏi lại nguồn vốn")


LEFT_BEHIND = """async () => [
    ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...await caches.keys(),
    ...(await navigator.serviceWorker.getRegistrations()).map((one) => one.scope),
]"""


def test_at_a_tablet_that_goes_from_hand_to_hand_nothing_of_the_one_before_stays(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(here=EVERYBODY)
    paper = assembly.hands_out(met, 1)
    tablet = enters("member")
    tablet.goto(paper, wait_until="networkidle")
    write_a_note_without_network(tablet, "Ghi chú riêng của ủy viên")
    tablet.context.route("**/notes/**", lambda route: route.abort())  # a net that lets pages through, and no note
    tablet.context.set_offline(False)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    tablet.once("dialog", stay)
    tablet.get_by_role("button", name="Đăng xuất").click()
    expect(tablet.locator(".own-note textarea")).to_have_value("Ghi chú riêng của ủy viên")
    tablet.wait_for_function("document.querySelector('form[data-unsent]').dataset.busy === undefined")
    assert asked == [
        "Còn 1 ghi chú hoặc thao tác của bạn chưa gửi được. Bấm “Hủy” để ở lại và thử lại khi có mạng; "
        "bấm “OK” để đăng xuất và bỏ chúng."
    ]
    tablet.once("dialog", lambda dialog: dialog.accept())
    tablet.get_by_role("button", name="Đăng xuất").click()
    expect(tablet.get_by_text("Bạn đã đăng xuất.")).to_be_visible()
    tablet.wait_for_load_state("networkidle")  # while the browser empties itself it aborts what is asked next
    tablet.wait_for_function(f"async () => (await ({LEFT_BEHIND})()).length === 0")
    tablet.context.unroute("**/notes/**")

    Somebody(tablet, "delegate")
    tablet.goto(paper, wait_until="networkidle")
    expect(tablet.locator(".own-notes")).to_contain_text("Chưa có ghi chú trên trang này.")
    write_a_note_without_network(tablet, "Ghi chú riêng của đại biểu")
    tablet.context.clear_cookies(name="khonggiay")  # the sign-in ran out
    tablet.context.set_offline(False)
    tablet.wait_for_url("**/sign-in?**")  # the page finds out by itself
    Somebody(tablet, "member")
    tablet.goto(paper, wait_until="networkidle")
    expect(tablet.locator(".own-notes")).to_contain_text("Chưa có ghi chú trên trang này.")
    assert "đại biểu" not in tablet.evaluate("JSON.stringify(localStorage)")
    with assembly.database.reading() as session:
        assert [note.text for note in session.scalars(select(Note)) if "riêng" in note.text] == []


def test_in_a_rehearsal_every_part_sees_its_own_at_once(assembly: Assembly, enters: Callable[..., Page]) -> None:
    met = assembly.meets(state=MeetingState.CONVENED)
    clerk = enters("clerk", "desktop")
    clerk.goto(f"/meetings/{met.meeting}")
    clerk.get_by_role("button", name="Diễn tập").click()
    expect(clerk.get_by_text("Đã lập buổi diễn tập")).to_be_visible()
    at = clerk.url.split("?")[0]
    clerk.goto(f"{at}/desk")  # in the chair's part
    clerk.get_by_role("button", name="Khai mạc").first.click()
    expect(clerk.locator("[data-part=course]")).to_contain_text("Khai mạc")
    room = clerk.context.new_page()  # another window of the same device, and so in the same part
    room.goto(f"{at}/room")
    offered = room.locator("[data-part=vote]").get_by_role("link", name="Các biểu quyết")
    expect(offered).to_be_visible()
    clerk.locator("[data-part=next]").get_by_role("button", name=re.compile("^Chuyển sang")).click()
    expect(room.locator("[data-part=now] h2")).to_have_text("Khai mạc, thông qua chương trình")
    expect(offered).to_be_visible()  # what the head is offered and members are not, though the socket is the clerk's


def test_in_a_rehearsal_the_second_window_hears_of_a_ballot_that_makes_no_event(
    assembly: Assembly, enters: Callable[..., Page]
) -> None:
    met = assembly.meets(state=MeetingState.CONVENED)
    clerk = enters("clerk", "desktop")
    clerk.goto(f"/meetings/{met.meeting}")
    clerk.get_by_role("button", name="Diễn tập").click()
    expect(clerk.get_by_text("Đã lập buổi diễn tập")).to_be_visible()
    at = clerk.url.split("?")[0]
    with assembly.database.writing() as session:
        twin = session.get_one(Meeting, int(at.rpartition("/")[2]))
        twin.state, chair = MeetingState.OPEN, twin.participants[0]
        Attendance(session, twin).come(chair, Presence.IN_ROOM, set_by="self", set_by_id=None)
        Votes(session).open(Votes(session).prepare(twin, None, kind=VoteKind.SECRET, question=AGREE["question"]))
    second = clerk.context.new_page()
    for window in (second, clerk):
        window.goto(f"{at}/room")
        expect(window.locator("[data-ballot] form")).to_be_visible(timeout=15_000)
    choose(clerk)
    clerk.get_by_role("button", name="Gửi phiếu").click()
    for window in (clerk, second):
        expect(window.get_by_text("Phiếu của bạn đã được ghi")).to_be_visible(timeout=15_000)
    expect(second.locator("[data-ballot] form")).to_be_hidden()


@pytest.mark.parametrize("address", ["/meetings", "/meetings/{meeting}", "/meetings/{meeting}/room"])
def test_every_page_of_meetings_finds_its_service_worker(assembly: Assembly, enters: Callable[..., Page], address: str) -> None:
    met = assembly.meets()
    member, answers = enters("member"), []
    member.context.on("response", lambda answer: answers.append((answer.url.partition("?")[0][-18:], answer.status)))
    member.goto(address.format(meeting=met.meeting), wait_until="networkidle")
    assert [status for name, status in answers if name == "/service-worker.js" and status != 200] == []
    assert [pair for pair in answers if pair[1] >= 400] == []
