"""The draft of the minutes, word by word, and the form of the paper."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from domain.ground.official_papers import Ending, Header, Heading, Paragraph, Title, canonical, digest
from domain.meetings.minutes import (
    Attendee,
    Course,
    Day,
    Item,
    Note,
    Section,
    Speech,
    Stay,
    VoteResult,
    annex,
    compose,
    draft,
    in_words,
    stays_in_words,
    verdict_in_words,
    vote_in_words,
)
from domain.meetings.voting import MajorityBase, Outcome


def at(hour: int, minute: int) -> datetime:
    """That time in Vietnam on 25/11/2026."""
    return datetime(2026, 11, 25, hour - 7, minute, tzinfo=UTC)


VOTE = VoteResult(
    at=at(10, 2), closed_at=at(10, 5), title="Thông qua Nghị quyết về chuyển đổi số", manner="Biểu quyết giơ tay, ghi theo tên",
    members=5, present=4, collected=4, invalid=0, counts=(("đồng ý", 3), ("không đồng ý", 1), ("ý kiến khác", 0)),
    outcome=Outcome.PASSED, got=3, needed=3, of=5, source="Quy chế làm việc, điều 9",
)  # fmt: skip

COURSE = Course(
    superior="Tổng Liên đoàn Lao động Việt Nam",
    issuer="Liên đoàn Lao động tỉnh",
    symbol="BB-BCH",
    title="Hội nghị Ban Chấp hành lần thứ 12",
    place="Hội trường A",
    link="",
    opened_at=at(8, 3),
    closed_at=at(11, 20),
    chair="Hồ Thị Chủ Tọa",
    secretaries=("Bùi Thị Ghi",),
    attendees=(
        Attendee("Hồ Thị Chủ Tọa", "Chủ tịch", True, stays=(Stay(at(7, 50), None),)),
        Attendee("Đinh Văn Phó", "Phó Chủ tịch", True, stays=(Stay(at(8, 20), None),)),
        Attendee("Phạm Ủy Viên", "Ủy viên", True, stays=(Stay(at(8, 0), at(9, 0)), Stay(at(9, 15), None))),
        Attendee("Mai Thị Đại Biểu", "Ủy viên", True, stays=(Stay(at(8, 0), at(11, 0), is_online=True),)),
        Attendee("Trương Văn Vắng", "Ủy viên", True, reason="đi công tác", delegate="Lê Văn Thay"),
        Attendee("Ngô Khách Mời", "Sở Nội vụ", False, stays=(Stay(at(8, 0), None),)),
        Attendee("Khách Không Đến", "", False),
    ),
    items=(
        Item(7, "1", "Báo cáo năm 2026", "Hồ Thị Chủ Tọa", taken_up_at=at(8, 10), done_at=at(9, 30),
             happenings=(Speech(at(8, 40), at(8, 45), "Phạm Ủy Viên"), Speech(at(8, 46), None, "Mai Thị Đại Biểu", "chất vấn"))),
        Item(8, "2", "Thông qua Nghị quyết", taken_up_at=at(9, 45), done_at=at(10, 10), happenings=(VOTE,)),
        Item(9, "3", "Việc khác", is_postponed=True),
        Item(10, "4", "Nội dung theo chế độ mật", is_on_paper_only=True, taken_up_at=at(11, 0)),
    ),
    notes=(Note(at(9, 30), "tạm nghỉ"), Note(at(9, 45), "họp tiếp")),
    incidents=(Note(at(9, 50), "mất mạng 5 phút"),),
    conclusions=("Thông qua báo cáo.", "Giao Văn phòng hoàn thiện Nghị quyết."),
    quorum=(3, 4),
)  # fmt: skip

SECTIONS = {section.key: section.text for section in draft(COURSE)}


def test_who_was_there_on_two_days_is_told_with_the_days() -> None:
    stays = (Stay(at(8, 0), at(17, 0)), Stay(at(8, 0) + timedelta(days=1), None))
    assert stays_in_words(stays) == (
        "có mặt từ 08 giờ 00 phút ngày 25/11 đến 17 giờ 00 phút ngày 25/11, có mặt từ 08 giờ 00 phút ngày 26/11 đến khi kết thúc"
    )


def test_a_break_is_no_absence_and_who_comes_back_late_is_missed_from_its_end() -> None:
    next_day = at(8, 0) + timedelta(days=1)
    night, early = (at(17, 0), next_day), Stay(at(8, 0), at(17, 0))
    two = [
        Attendee("Phạm Ủy Viên", "", True, stays=(early, Stay(next_day - timedelta(minutes=10), None))),
        Attendee("Mai Thị Đại Biểu", "", True, stays=(early, Stay(next_day + timedelta(minutes=20), None))),
        Attendee("Đinh Văn Phó", "", True, stays=(early,)),
    ]
    course = replace(COURSE, attendees=tuple(two), breaks=(night,), closed_at=next_day + timedelta(hours=2), quorum=None)
    said = next(section.text for section in draft(course) if section.key == "attendance").splitlines()
    assert said[2:] == [
        "- Phạm Ủy Viên;",
        "- Mai Thị Đại Biểu (vắng từ 08 giờ 00 phút ngày 26/11 đến 08 giờ 20 phút ngày 26/11);",
        "- Đinh Văn Phó (rời cuộc họp lúc 17 giờ 00 phút ngày 25/11).",
    ]


def test_the_draft_has_its_sections_in_the_order_of_the_form() -> None:
    assert [section.key for section in draft(COURSE)] == [
        "superior", "issuer", "number", "abstract", "opening", "attendance", "head", "item:7", "item:8", "item:9", "item:10",
        "incidents", "conclusions", "ending", "chair", "secretary", "recipients",
    ]  # fmt: skip


def test_the_opening_says_the_local_time_as_the_decree_writes_it() -> None:
    assert SECTIONS["opening"] == "Thời gian bắt đầu: 08 giờ 03 phút, ngày 25 tháng 11 năm 2026.\nĐịa điểm: Hội trường A."


def test_a_meeting_without_a_place_was_online() -> None:
    text = {one.key: one.text for one in draft(replace(COURSE, place="", link="https://hop"))}["opening"]
    assert text.splitlines()[1:] == ["Địa điểm: trực tuyến."]


def test_attendance_says_who_was_there_who_came_late_left_or_was_absent_and_why() -> None:
    assert SECTIONS["attendance"].splitlines() == [
        "Triệu tập 5 thành viên có quyền biểu quyết; có mặt 4, vắng 1.",
        "Khi khai mạc có mặt 3, cần ít nhất 4: không đủ số người để họp.",
        "Có mặt:",
        "- Hồ Thị Chủ Tọa, Chủ tịch;",
        "- Đinh Văn Phó, Phó Chủ tịch (đến lúc 08 giờ 20 phút);",
        "- Phạm Ủy Viên, Ủy viên (vắng từ 09 giờ 00 phút đến 09 giờ 15 phút);",
        "- Mai Thị Đại Biểu, Ủy viên (trực tuyến; rời cuộc họp lúc 11 giờ 00 phút).",
        "Vắng mặt:",
        "- Trương Văn Vắng, Ủy viên (lý do: đi công tác; người dự thay: Lê Văn Thay).",
        "Cùng dự, không có quyền biểu quyết:",
        "- Ngô Khách Mời, Sở Nội vụ.",
    ]


def test_the_head_names_chair_and_secretary_and_what_happened_to_the_meeting() -> None:
    assert SECTIONS["head"].splitlines() == [
        "Chủ tọa: Hồ Thị Chủ Tọa.",
        "Thư ký: Bùi Thị Ghi.",
        "- 09 giờ 30 phút: tạm nghỉ",
        "- 09 giờ 45 phút: họp tiếp",
    ]


def test_an_item_says_when_it_was_dealt_with_who_presented_and_who_spoke() -> None:
    assert SECTIONS["item:7"].splitlines() == [
        "Bắt đầu lúc 08 giờ 10 phút đến 09 giờ 30 phút.",
        "Người trình bày: Hồ Thị Chủ Tọa.",
        "- 08 giờ 40 phút: Phạm Ủy Viên phát biểu, đến 08 giờ 45 phút.",
        "- 08 giờ 46 phút: Mai Thị Đại Biểu chất vấn.",
    ]


def test_a_vote_is_written_with_its_numbers_their_bases_and_the_verdict_in_the_words_of_the_rule() -> None:
    assert SECTIONS["item:8"].splitlines() == [
        "Bắt đầu lúc 09 giờ 45 phút đến 10 giờ 10 phút.",
        "10 giờ 02 phút: Biểu quyết giơ tay, ghi theo tên: “Thông qua Nghị quyết về chuyển đổi số”.",
        "- Tổng số thành viên có quyền biểu quyết: 5; có mặt khi mở biểu quyết: 4; thu về: 4; hợp lệ: 4; không hợp lệ: 0.",
        "- Kết quả: đồng ý: 3; không đồng ý: 1; ý kiến khác: 0.",
        "- Kết luận: THÔNG QUA, với 3/5 tổng số thành viên (60,0 %); cần quá 1/2, tức ít nhất 3; "
        "căn cứ: Quy chế làm việc, điều 9.",
    ]


def test_an_election_names_those_elected_and_its_own_base() -> None:
    vote = replace(VOTE, outcome=Outcome.ELECTED, got=5, needed=4, of=6, share=Fraction(2, 3), is_more_than=False, seats=2,
                   base=MajorityBase.COLLECTED, chosen=(("Lê Văn A", 5), ("Trần Thị B", 4)), source="")  # fmt: skip
    assert vote_in_words(vote)[-1] == (
        "- Kết luận: TRÚNG CỬ 2/2: Lê Văn A (5/6 phiếu, 83,3 %); Trần Thị B (4/6 phiếu, 66,7 %); "
        "cần từ 2/3 tổng số phiếu thu về (6), tức ít nhất 4."
    )


def test_of_somebody_who_was_elected_it_is_never_said_that_the_vote_did_not_pass() -> None:
    one_of_two = replace(VOTE, outcome=Outcome.ELECTED_SOME, got=13, needed=8, of=14, seats=2, base=MajorityBase.COLLECTED,
                         chosen=(("Lê Văn Thử", 13),), tied=(("Trần Thị B", 8), ("Phạm C", 8)), source="Điều lệ")  # fmt: skip
    assert verdict_in_words(one_of_two) == (
        "TRÚNG CỬ 1/2: Lê Văn Thử (13/14 phiếu, 92,9 %); bằng phiếu nhau: Trần Thị B (8), Phạm C (8); còn thiếu 1 người; "
        "cần quá 1/2 tổng số phiếu thu về (14), tức ít nhất 8; căn cứ: Điều lệ"
    )
    nobody = replace(one_of_two, outcome=Outcome.ELECTED_NONE, chosen=(), tied=(), got=7)
    assert verdict_in_words(nobody).startswith("CHƯA AI TRÚNG CỬ; còn thiếu 2 người; cần quá 1/2")


def test_a_cancelled_vote_stays_with_its_reason_and_without_numbers() -> None:
    vote = replace(VOTE, outcome=None, cancelled_because="mở nhầm nội dung")
    assert vote_in_words(vote)[1:] == ["- Đã hủy, lý do: mở nhầm nội dung."]


def test_an_item_on_paper_only_says_nothing_of_itself() -> None:
    assert SECTIONS["item:10"] == "Nội dung theo chế độ mật, sử dụng tài liệu giấy; không ghi ở đây."
    assert SECTIONS["item:9"] == "Hoãn, chưa xem xét tại cuộc họp này."


def test_incidents_conclusions_and_the_end_are_written_out() -> None:
    assert SECTIONS["incidents"] == "- 09 giờ 50 phút: mất mạng 5 phút"
    assert SECTIONS["conclusions"] == "1. Thông qua báo cáo.\n2. Giao Văn phòng hoàn thiện Nghị quyết."
    assert SECTIONS["ending"].startswith("Cuộc họp kết thúc lúc 11 giờ 20 phút, ngày 25 tháng 11 năm 2026.")


def test_the_paper_has_the_head_the_title_numbered_parts_and_both_signatures() -> None:
    blocks = compose(draft(COURSE)).blocks
    assert blocks[0] == Header("TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM", "LIÊN ĐOÀN LAO ĐỘNG TỈNH", "Số: ……/BB-BCH")
    assert blocks[1] == Title("BIÊN BẢN", "Hội nghị Ban Chấp hành lần thứ 12")
    assert [block.text for block in blocks if isinstance(block, Heading)] == [
        "I. Thời gian, địa điểm", "II. Thành phần tham dự", "III. Chủ tọa, thư ký", "IV. Nội dung, diễn biến",
        "1. Báo cáo năm 2026", "2. Thông qua Nghị quyết", "3. Việc khác", "4. Nội dung theo chế độ mật",
        "V. Sự cố, việc phát sinh", "VI. Kết luận của chủ tọa", "VII. Kết thúc",
    ]  # fmt: skip
    ending = blocks[-1]
    assert isinstance(ending, Ending)
    assert (ending.right.capacity, ending.right.name) == (("CHỦ TỌA",), "Hồ Thị Chủ Tọa")
    assert ending.left is not None
    assert (ending.left.capacity, ending.left.name) == (("THƯ KÝ",), "Bùi Thị Ghi")
    assert ending.recipients == ("- Các thành viên dự họp;", "- Lưu: VT, hồ sơ cuộc họp.")


def test_the_hash_depends_on_every_letter_and_not_on_how_accents_are_encoded() -> None:
    sections = [Section("opening", "Mở đầu", "hòa")]
    same = [Section("opening", "Mở đầu", "ho\u0300a")]
    other = [Section("opening", "Mở đầu", "hoà")]
    assert digest(compose(sections)) == digest(compose(same))
    assert digest(compose(sections)) != digest(compose(other))


def test_a_rehearsal_has_a_hash_of_its_own() -> None:
    assert canonical(compose(draft(COURSE), is_rehearsal=True)).startswith("DIỄN TẬP\n")
    assert digest(compose(draft(COURSE))) != digest(compose(draft(COURSE), is_rehearsal=True))


def test_an_annex_names_the_minutes_it_belongs_to() -> None:
    paper = annex(draft(COURSE), number=1, locked_on=date(2026, 12, 1), sha256="ab")
    assert paper.blocks[1] == Title("PHỤ LỤC 1", "Hội nghị Ban Chấp hành lần thứ 12")
    assert paper.blocks[2] == Heading("Kèm theo biên bản đã khóa ngày 01 tháng 12 năm 2026, mã kiểm tra ab.")


def test_the_same_course_always_gives_the_same_words() -> None:
    assert draft(COURSE) == draft(COURSE)
    assert in_words(date(2026, 1, 9)) == "09 tháng 01 năm 2026"
    assert in_words(date(2026, 3, 9)) == "09 tháng 3 năm 2026"


# Several days

DAY = timedelta(days=1)
TWO_DAYS = replace(
    COURSE,
    closed_at=at(11, 20) + DAY,
    notes=(
        Note(at(7, 55), "Hồ Thị Chủ Tọa điều hành cuộc họp"),
        Note(at(17, 0), "tạm dừng họp"),
        Note(at(23, 0), "Đinh Văn Phó điều hành cuộc họp"),
        Note(at(8, 0) + DAY, "tiếp tục họp"),
    ),
    breaks=((at(17, 0), at(8, 0) + DAY),),
    days=(Day(at(8, 3), at(17, 0), 3, 4), Day(at(8, 0) + DAY, at(11, 20) + DAY, 4, 4)),
    items=(Item(7, "1", "Báo cáo", taken_up_at=at(16, 50), done_at=at(8, 27) + DAY, happenings=(
        Speech(at(16, 55), at(16, 59), "Phạm Ủy Viên"), replace(VOTE, at=at(8, 20) + DAY, reopened=(Note(at(8, 25) + DAY, "bấm nhầm"),)),
    )),),
    incidents=(Note(at(8, 5) + DAY, "mất điện"),),
)  # fmt: skip


def test_each_day_of_several_has_its_heading_with_date_presence_and_quorum() -> None:
    days = [section for section in draft(TWO_DAYS) if section.key.startswith("day:")]
    assert [(one.heading, one.text.splitlines()) for one in days] == [
        ("Ngày thứ nhất, 25/11/2026", [
            "Họp từ 08 giờ 03 phút ngày 25/11 đến 17 giờ 00 phút ngày 25/11.",
            "Khi bắt đầu làm việc có mặt 3 thành viên có quyền biểu quyết, cần ít nhất 4: không đủ số người để họp.",
            "- 07 giờ 55 phút ngày 25/11: Hồ Thị Chủ Tọa điều hành cuộc họp",
            "- 17 giờ 00 phút ngày 25/11: tạm dừng họp",
            "- 23 giờ 00 phút ngày 25/11: Đinh Văn Phó điều hành cuộc họp",
        ]),
        ("Ngày thứ hai, 26/11/2026", [
            "Họp từ 08 giờ 00 phút ngày 26/11 đến 11 giờ 20 phút ngày 26/11.",
            "Khi bắt đầu làm việc có mặt 4 thành viên có quyền biểu quyết, cần ít nhất 4: đủ số người để họp.",
            "- 08 giờ 00 phút ngày 26/11: tiếp tục họp",
        ]),
    ]  # fmt: skip
    headings = [block.text for block in compose(draft(TWO_DAYS)).blocks if isinstance(block, Heading)]
    assert headings[2:7] == [
        "III. Chủ tọa, thư ký", "IV. Các ngày họp", "Ngày thứ nhất, 25/11/2026", "Ngày thứ hai, 26/11/2026",
        "V. Nội dung, diễn biến",
    ]  # fmt: skip


def test_nothing_that_happened_in_a_meeting_of_two_days_is_told_without_its_day() -> None:
    sections = {one.key: one.text for one in draft(TWO_DAYS)}
    said = "\n".join(sections[key] for key in ("day:1", "day:2", "item:7", "incidents"))
    assert "Bắt đầu lúc 16 giờ 50 phút ngày 25/11 đến 08 giờ 27 phút ngày 26/11." in said
    assert "- 16 giờ 55 phút ngày 25/11: Phạm Ủy Viên phát biểu, đến 16 giờ 59 phút ngày 25/11." in said
    assert "08 giờ 20 phút ngày 26/11: Biểu quyết giơ tay" in said
    assert "- 08 giờ 25 phút ngày 26/11: chủ tọa mở lại biểu quyết" in said
    assert sections["incidents"] == "- 08 giờ 05 phút ngày 26/11: mất điện"
    assert re.findall(r"\d\d giờ \d\d phút(?! ngày)", said) == []


def test_absences_of_seconds_and_of_a_room_that_checks_in_again_are_not_told() -> None:
    def stays(*seconds: int) -> tuple[Stay, ...]:
        came, left, again, gone = (timedelta(seconds=n) for n in seconds)
        return (Stay(COURSE.opened_at + came, at(9, 0) - left), Stay(at(9, 0) + again, COURSE.closed_at - gone))

    people = [
        Attendee("A", "", True, stays=stays(40, 10, 20, 30)),
        Attendee("B", "", True, stays=stays(60, 0, 60, 60)),
        Attendee("C", "", True, stays=(Stay(at(8, 0), at(10, 0)), Stay(at(10, 34), None))),
        Attendee("D", "", True, stays=(Stay(at(8, 0), at(10, 0)), Stay(at(10, 35), None))),
    ]
    course = replace(COURSE, attendees=tuple(people), breaks=((at(10, 0), at(10, 30)),), quorum=None)
    said = next(section.text for section in draft(course) if section.key == "attendance").splitlines()
    assert said[2:] == [
        "- A;",
        "- B (đến lúc 08 giờ 04 phút; vắng từ 09 giờ 00 phút đến 09 giờ 01 phút; rời cuộc họp lúc 11 giờ 19 phút);",
        "- C;",
        "- D (vắng từ 10 giờ 30 phút đến 10 giờ 35 phút).",
    ]


# Who said what


def test_a_vote_by_name_has_its_list_as_an_annex_after_the_signatures() -> None:
    vote = replace(VOTE, by_name=("Hồ Thị Chủ Tọa: đồng ý", "Phạm Ủy Viên: không bỏ phiếu"))
    item = Item(8, "2", "Thông qua Nghị quyết", taken_up_at=at(9, 45), done_at=at(10, 10), happenings=(vote,))
    secret = replace(item, id=9, is_on_paper_only=True)
    blocks = compose(draft(replace(COURSE, items=(item, secret)))).blocks
    ending = next(place for place, block in enumerate(blocks) if isinstance(block, Ending))
    assert blocks[ending + 1 :] == (
        Title("PHỤ LỤC", "Danh sách biểu quyết"),
        Heading("1. Thông qua Nghị quyết về chuyển đổi số"),
        Paragraph("1. Hồ Thị Chủ Tọa: đồng ý."),
        Paragraph("2. Phạm Ủy Viên: không bỏ phiếu."),
    )
