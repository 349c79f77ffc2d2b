"""The draft of the minutes: what was recorded of a meeting as values, written out in the words and order of a biên bản
(NĐ 30/2020/NĐ-CP, appendix III). What people then make of the draft is a record, in storage/meetings/minutes.py.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import partial
from itertools import pairwise

from domain.ground.clock import VIETNAM, day_of
from domain.ground.errors import RuleError
from domain.ground.official_papers import Block, Ending, Header, Heading, OfficialPaper, Signature, Title, lines, paragraphs
from domain.ground.words import Words
from domain.meetings.voting import ALL_OWN, Answer, Entered, MajorityBase, Means, Outcome, VoteKind


class MinutesLocked(RuleError):
    """The minutes, or an annex, were approved by both and locked at that moment; a change is another annex."""

    at: datetime | None


class SectionChanged(RuleError):
    """Somebody else has changed the section meanwhile; it stands at `revision` now. Nothing was overwritten."""

    key: str
    revision: int


class MinutesChanged(RuleError):
    """The minutes are not as they were read by whoever approves them; they stand at `revision` now."""

    revision: int


class DraftTouched(RuleError):
    """Somebody has worked on the draft, so it is not written anew from the events."""


class SamePersonApproves(RuleError):
    """One person cannot approve for both, the secretary and the chair."""


class ResultNotPublished(RuleError):
    """A vote has ended and its result is not published: minutes that are locked now would never tell it."""


@dataclass(frozen=True, slots=True)
class Stay:
    """An interval of presence; `left_at` is None for who stayed to the end."""

    came_at: datetime
    left_at: datetime | None
    is_online: bool = False


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who was invited, and when the person was there. `reason` says why not, `delegate` who came instead."""

    name: str
    title: str
    has_vote: bool
    stays: tuple[Stay, ...] = ()
    reason: str = ""
    delegate: str = ""

    @property
    def in_words(self) -> str:
        """The name with the title."""
        return f"{self.name}, {self.title}" if self.title else self.name


@dataclass(frozen=True, slots=True)
class Speech:
    """Somebody spoke. `words` says what it was, if not an ordinary speech: chất vấn, ý kiến về quy trình."""

    at: datetime
    ended_at: datetime | None
    name: str
    words: str = "phát biểu"


@dataclass(frozen=True, slots=True)
class VoteResult:
    """A vote that was opened, with the numbers of its verdict. `outcome` is None for one that was cancelled.

    `counts` are the answers in words with their numbers, in the order of the ballot; `chosen` and `tied` are some of them.
    """

    at: datetime
    closed_at: datetime | None
    title: str
    manner: str  # biểu quyết giơ tay, ghi theo tên
    members: int
    present: int
    collected: int
    invalid: int
    counts: tuple[tuple[str, int], ...] = ()
    outcome: Outcome | None = None
    got: int = 0
    needed: int = 0
    of: int = 0
    share: Fraction = Fraction(1, 2)
    is_more_than: bool = True
    base: MajorityBase = MajorityBase.MEMBERS
    source: str = ""  # the article that says so
    chosen: tuple[tuple[str, int], ...] = ()
    tied: tuple[tuple[str, int], ...] = ()
    seats: int = 1
    entered: Entered = ALL_OWN
    cancelled_because: str = ""
    by_name: tuple[str, ...] = ()  # of a vote by name: each who may vote, with what that person said
    reopened: tuple["Note", ...] = ()  # when it went on after a close that was a mistake, and why


@dataclass(frozen=True, slots=True)
class Note:
    """Something else that happened, already in words."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which the meeting sat, until the break that lasts over night: how many with a vote were there when its work began, and
    how many were needed; None without a rule."""

    opened_at: datetime
    ended_at: datetime
    present: int
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """After the close somebody put right when another was there; without a stay the person was absent."""

    at: datetime
    by: str
    name: str
    before: tuple[Stay, ...]
    after: tuple[Stay, ...]
    reason: str


Happening = Speech | VoteResult | Note


@dataclass(frozen=True, slots=True)
class Item:
    """A point of the agenda with what happened while it was on the floor, in order."""

    id: int
    number: str
    title: str
    presenter: str = ""
    is_on_paper_only: bool = False
    taken_up_at: datetime | None = None
    done_at: datetime | None = None
    is_postponed: bool = False
    happenings: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """All that the draft is written from."""

    superior: str
    issuer: str
    symbol: str  # BB-BCH
    title: str
    place: str
    link: str
    opened_at: datetime
    closed_at: datetime
    chair: str
    secretaries: tuple[str, ...]
    attendees: tuple[Attendee, ...]
    items: tuple[Item, ...]
    notes: tuple[Note, ...] = ()  # adjournments, the chair's seat changing hands
    incidents: tuple[Note, ...] = ()
    conclusions: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()  # of the attendance, after the close
    breaks: tuple[tuple[datetime, datetime], ...] = ()  # from each adjournment until the meeting went on
    days: tuple[Day, ...] = ()  # of a meeting of several days
    quorum: tuple[int, int] | None = None  # present with a vote at the opening, and how many were needed


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the minutes that is edited by itself. `key` tells what it is, whatever its heading says."""

    key: str
    heading: str
    text: str


# Sections of one line that stand in the head of the paper or in its signatures, and not in its text
LINES = ("superior", "issuer", "number", "abstract", "chair", "secretary")
RECIPIENTS = "recipients"
NO_NUMBER = "……"  # until the lock, when the register gives one
LIST = "list:"  # how begins the key of a list of who said what, which stands in the annex
COURSE_HEADING = "Nội dung, diễn biến"
_GROUPS = {"day:": "Các ngày họp", "item:": COURSE_HEADING}  # sections that stand together, by how their keys begin
_ORDINALS = ("nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười")
_NOT_TOLD = timedelta(minutes=1)  # a shorter absence is that of a device
_CHECKING_IN = timedelta(minutes=5)  # after a break a whole room checks in again, one after another
When = Callable[[datetime], str]
_OF_THE_PAPER = "minutes are Vietnamese whatever the language of the page"
_BASES = Words(MajorityBase, {
    MajorityBase.MEMBERS: "tổng số thành viên",
    MajorityBase.PRESENT: "số người có mặt",
    MajorityBase.COLLECTED: "tổng số phiếu thu về",
    MajorityBase.VALID: "số phiếu hợp lệ",
}, beside=_OF_THE_PAPER)  # fmt: skip
_OUTCOMES = Words(Outcome, {
    Outcome.PASSED: "THÔNG QUA",
    Outcome.REJECTED: "KHÔNG THÔNG QUA",
    Outcome.INVALID: "KHÔNG HỢP LỆ (không đủ số người khi mở biểu quyết)",
    Outcome.ELECTED: "TRÚNG CỬ",
    Outcome.ELECTED_SOME: "TRÚNG CỬ",
    Outcome.ELECTED_NONE: "CHƯA AI TRÚNG CỬ",
}, beside=_OF_THE_PAPER)  # fmt: skip

ANSWERS = Words(
    Answer, {Answer.FOR: "đồng ý", Answer.AGAINST: "không đồng ý", Answer.ABSTAIN: "ý kiến khác"}, beside=_OF_THE_PAPER
)
_MANNERS = Words(VoteKind, {
    VoteKind.NAMED: "Biểu quyết công khai, ghi theo tên",
    VoteKind.SECRET: "Bỏ phiếu kín",
    VoteKind.ELECTION: "Bầu cử bằng phiếu kín",
    VoteKind.OPTIONS: "Biểu quyết chọn một trong các phương án",
}, beside=_OF_THE_PAPER)  # fmt: skip


def manner_in_words(kind: VoteKind, means: Means, *, is_secret: bool) -> str:
    """How a vote was taken.

    >>> manner_in_words(VoteKind.OPTIONS, Means.PAPER, is_secret=True)
    'Biểu quyết chọn một trong các phương án, bằng phiếu kín (phiếu giấy)'
    """
    secret = ", bằng phiếu kín" if is_secret and kind is VoteKind.OPTIONS else ""
    return f"{_MANNERS[kind]}{secret}{' (phiếu giấy)' if means is Means.PAPER else ''}"


def draft(course: Course) -> list[Section]:
    """The sections of the draft, in their order. The same course always gives the same words."""
    when = partial(_when, course=course)
    return [
        Section("superior", "Cơ quan chủ quản", course.superior.upper()),
        Section("issuer", "Cơ quan ban hành", course.issuer.upper()),
        Section("number", "Số, ký hiệu", f"Số: {NO_NUMBER}/{course.symbol}"),
        Section("abstract", "Trích yếu", course.title),
        Section("opening", "Thời gian, địa điểm", _opening(course)),
        Section("attendance", "Thành phần tham dự", _attendance(course)),
        Section("head", "Chủ tọa, thư ký", _head(course)),
        *_days(course),
        *(Section(f"item:{item.id}", f"{item.number}. {item.title}", _item(item, when)) for item in course.items),
        Section("incidents", "Sự cố, việc phát sinh", _notes(course.incidents, when) or "Không có."),
        Section("conclusions", "Kết luận của chủ tọa", _numbered(course.conclusions)),
        Section("ending", "Kết thúc", _ending(course)),
        Section("chair", "Chủ tọa ký", course.chair),
        Section("secretary", "Thư ký ký", course.secretaries[0] if course.secretaries else ""),
        Section(RECIPIENTS, "Nơi nhận", "- Các thành viên dự họp;\n- Lưu: VT, hồ sơ cuộc họp."),
        *_lists(course.items),
    ]


def compose(sections: Sequence[Section], *, is_rehearsal: bool = False) -> OfficialPaper:
    """The minutes as a paper, from the sections as they stand; an empty section is left out."""
    text = {section.key: section.text.strip() for section in sections}
    blocks: list[Block] = [
        Header(text.get("superior", ""), text.get("issuer", ""), text.get("number", "")),
        Title("BIÊN BẢN", text.get("abstract", "")),
    ]
    for heading, section in _headed(_body(sections)):
        blocks += [*heading, *paragraphs(section.text)]
    recipients = lines(text.get(RECIPIENTS, ""))
    chair, secretary = Signature(("CHỦ TỌA",), text.get("chair", "")), Signature(("THƯ KÝ",), text.get("secretary", ""))
    blocks.append(Ending(chair, secretary, recipients))
    lists = [one for one in sections if one.key.startswith(LIST) and one.text.strip()]
    blocks += [Title("PHỤ LỤC", "Danh sách biểu quyết")] if lists else []
    for section in lists:
        blocks += [Heading(section.heading), *paragraphs(section.text)]
    return OfficialPaper(f"Biên bản {text.get('abstract', '')}".strip(), tuple(blocks), is_rehearsal)


def annex(
    sections: Sequence[Section], *, number: int, locked_on: date, sha256: str, is_rehearsal: bool = False
) -> OfficialPaper:
    """An annex to minutes that were locked on that day with that hash."""
    paper = compose(sections, is_rehearsal=is_rehearsal)
    header, title, *rest = paper.blocks
    named = title.abstract if isinstance(title, Title) else ""
    refers = Heading(f"Kèm theo biên bản đã khóa ngày {in_words(locked_on)}, mã kiểm tra {sha256}.")
    return OfficialPaper(
        f"Phụ lục {number}, {paper.name}", (header, Title(f"PHỤ LỤC {number}", named), refers, *rest), is_rehearsal
    )


def _body(sections: Iterable[Section]) -> list[Section]:
    texts = [one for one in sections if one.key not in (*LINES, RECIPIENTS) and not one.key.startswith(LIST)]
    return [one for one in texts if one.text.strip()]


def _headed(sections: Sequence[Section]) -> list[tuple[list[Heading], Section]]:
    """Each section with its headings: parts are numbered, and the days, as the items of the agenda, stand together below one."""
    found: list[tuple[list[Heading], Section]] = []
    number, before = 0, ""
    for section in sections:
        group = next((key for key in _GROUPS if section.key.startswith(key)), "")
        headings = [Heading(section.heading)] if group else []
        if not group or group != before:
            number += 1
            headings.insert(0, Heading(f"{roman(number)}. {_GROUPS.get(group, section.heading)}"))
        before = group
        found.append((headings, section))
    return found


def roman(number: int) -> str:
    """A number below 40 in Roman letters.

    >>> roman(4), roman(19)
    ('IV', 'XIX')
    """
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]


def in_words(day: date) -> str:
    """A day as NĐ 30 writes it: days below 10 and months below 3 with a nought.

    >>> in_words(date(2026, 2, 5)), in_words(date(2026, 11, 25))
    ('05 tháng 02 năm 2026', '25 tháng 11 năm 2026')
    """
    return f"{day.day:02} tháng {f'{day.month:02}' if day.month < 3 else day.month} năm {day.year}"


def hour(moment: datetime) -> str:
    """The time of day in Vietnam.

    >>> from datetime import UTC
    >>> hour(datetime(2026, 11, 25, 1, 5, tzinfo=UTC))
    '08 giờ 05 phút'
    """
    return f"{moment.astimezone(VIETNAM):%H giờ %M phút}"


def _moment(moment: datetime) -> str:
    return f"{hour(moment)}, ngày {in_words(day_of(moment))}"


def _opening(course: Course) -> str:
    said = [f"Thời gian bắt đầu: {_moment(course.opened_at)}.", f"Địa điểm: {course.place or 'trực tuyến'}."]
    return "\n".join(said + (["Kết hợp họp trực tuyến."] if course.link and course.place else []))


def _attendance(course: Course) -> str:
    voters = [one for one in course.attendees if one.has_vote]
    others = [one for one in course.attendees if not one.has_vote and one.stays]
    here, away = [one for one in voters if one.stays], [one for one in voters if not one.stays]
    said = [f"Triệu tập {len(voters)} thành viên có quyền biểu quyết; có mặt {len(here)}, vắng {len(away)}."]
    if course.quorum:
        present, needed = course.quorum
        said.append(f"Khi khai mạc có mặt {present}, cần ít nhất {needed}: {_enough(present, needed)}.")
    said += _listed("Có mặt", [_present(one, course) for one in here])
    said += _listed("Vắng mặt", [_absent(one) for one in away])
    said += _listed("Cùng dự, không có quyền biểu quyết", [_present(one, course) for one in others])
    said += ["Sửa điểm danh sau khi bế mạc:"] if course.corrections else []
    said += [f"- {correction_in_words(one)}" for one in course.corrections]
    return "\n".join(said)


def _listed(heading: str, names: Sequence[str]) -> list[str]:
    points = [f"- {name}{'.' if name is names[-1] else ';'}" for name in names]
    return [f"{heading}:", *points] if names else []


def _present(one: Attendee, course: Course) -> str:
    """The name, with what is unlike a whole stay in the room: online, coming late, leaving early."""
    said = ["trực tuyến"] if all(stay.is_online for stay in one.stays) else []
    if one.stays[0].came_at - course.opened_at >= _NOT_TOLD:
        said.append(f"đến lúc {_when(one.stays[0].came_at, course)}")
    for stay, after in pairwise(one.stays):
        left, came = _missed(stay.left_at or after.came_at, after.came_at, course.breaks)
        since_break = any(left == ended for _begun, ended in course.breaks)
        if came - left >= (_CHECKING_IN if since_break else _NOT_TOLD):
            said.append(f"vắng từ {_when(left, course)} đến {_when(came, course)}")
    last = one.stays[-1].left_at
    if last and course.closed_at - last >= _NOT_TOLD:
        said.append(f"rời cuộc họp lúc {_when(last, course)}")
    return f"{one.in_words} ({'; '.join(said)})" if said else one.in_words


def _missed(left: datetime, came: datetime, breaks: Sequence[tuple[datetime, datetime]]) -> tuple[datetime, datetime]:
    """From when until when somebody was missed who left then and came then: nobody is in a break."""
    for begun, ended in breaks:
        left = ended if begun <= left < ended else left
        came = begun if begun < came <= ended else came
    return left, came


def _when(moment: datetime, course: Course) -> str:
    """The time of day; with its day where the meeting lasted for several."""
    return _on_day(moment, is_one_day=day_of(course.opened_at) == day_of(course.closed_at))


def _on_day(moment: datetime, *, is_one_day: bool) -> str:
    return hour(moment) if is_one_day else f"{hour(moment)} ngày {day_of(moment):%d/%m}"


def correction_in_words(one: Correction) -> str:
    """A correction of the attendance: who made it, of whom, from what to what, and why.

    >>> at = datetime(2026, 11, 25, 14, 5, tzinfo=VIETNAM)
    >>> correction_in_words(Correction(at, "Bùi Thị Ghi", "Phạm Ủy Viên", (), (Stay(at, None),), "quên quét mã")).split(": ", 1)[1]
    'từ “vắng mặt” thành “có mặt từ 14 giờ 05 phút đến khi kết thúc”; lý do: quên quét mã.'
    """
    return (
        f"{_moment(one.at)}, {one.by} sửa cho {one.name}: "
        f"từ “{stays_in_words(one.before)}” thành “{stays_in_words(one.after)}”; lý do: {one.reason.rstrip('.')}."
    )


def stays_in_words(stays: Sequence[Stay]) -> str:
    """When somebody was there; with the days, if they are several."""
    is_one_day = len({day_of(moment) for stay in stays for moment in (stay.came_at, stay.left_at) if moment}) == 1
    said = [
        f"{'trực tuyến' if stay.is_online else 'có mặt'} từ {_on_day(stay.came_at, is_one_day=is_one_day)} "
        f"đến {_on_day(stay.left_at, is_one_day=is_one_day) if stay.left_at else 'khi kết thúc'}"
        for stay in stays
    ]
    return ", ".join(said) or "vắng mặt"


def _absent(one: Attendee) -> str:
    reason = f"lý do: {one.reason}" if one.reason else "không báo lý do"
    return f"{one.in_words} ({reason}{f'; người dự thay: {one.delegate}' if one.delegate else ''})"


def _head(course: Course) -> str:
    names = ", ".join(course.secretaries) or "chưa ghi"
    said = [f"Chủ tọa: {course.chair}.", f"Thư ký: {names}."]
    return "\n".join([*said, *([] if course.days else [_notes(course.notes, partial(_when, course=course))])]).rstrip()


def _named_day(number: int, day: Day) -> str:
    ordinal = _ORDINALS[number - 1] if number <= len(_ORDINALS) else str(number)
    return f"Ngày thứ {ordinal}, {day_of(day.opened_at):%d/%m/%Y}"


def _days(course: Course) -> list[Section]:
    """The days of a meeting of several, each with who was there and what happened to the meeting until the next one began."""
    when, begun = partial(_when, course=course), [day.opened_at for day in course.days]
    sections = []
    for n, day in enumerate(course.days, start=1):
        needed = f", cần ít nhất {day.needed}: {_enough(day.present, day.needed)}" if day.needed is not None else ""
        said = [
            f"Họp từ {when(day.opened_at)} đến {when(day.ended_at)}.",
            f"Khi bắt đầu làm việc có mặt {day.present} thành viên có quyền biểu quyết{needed}.",
            _notes([note for note in course.notes if max(1, bisect_right(begun, note.at)) == n], when),
        ]
        sections.append(Section(f"day:{n}", _named_day(n, day), "\n".join(said).rstrip()))
    return sections


def _enough(present: int, needed: int) -> str:
    return f"{'đủ' if present >= needed else 'không đủ'} số người để họp"


def _lists(items: Iterable[Item]) -> list[Section]:
    """Who said what in each vote by name, as far as the item is told at all."""
    told = [one for one in items if one.taken_up_at is not None and not one.is_on_paper_only]
    votes = [one for item in told for one in item.happenings if isinstance(one, VoteResult) and one.by_name]
    return [
        Section(f"{LIST}{n}", f"{n}. {vote.title}", "\n".join(f"{m}. {line}." for m, line in enumerate(vote.by_name, start=1)))
        for n, vote in enumerate(votes, start=1)
    ]


def _item(item: Item, when: When) -> str:
    if item.is_on_paper_only:
        return "Nội dung theo chế độ mật, sử dụng tài liệu giấy; không ghi ở đây."
    if item.taken_up_at is None:
        return "Hoãn, chưa xem xét tại cuộc họp này." if item.is_postponed else "Chưa xem xét tại cuộc họp này."
    until = f" đến {when(item.done_at)}" if item.done_at else ""
    said = [f"Bắt đầu lúc {when(item.taken_up_at)}{until}."]
    said += [f"Người trình bày: {item.presenter}."] if item.presenter else []
    said += [line for happening in item.happenings for line in happened(happening, when)]
    return "\n".join(said + (["Nội dung này được hoãn, xem xét tiếp sau."] if item.is_postponed else []))


def happened(happening: Happening, when: When) -> list[str]:
    """What happened, in lines of the minutes."""
    match happening:
        case VoteResult():
            return vote_in_words(happening, when)
        case Speech(at, ended_at, name, words):
            until = f", đến {when(ended_at)}" if ended_at else ""
            return [f"- {when(at)}: {name} {words}{until}."]
        case Note():
            return [_notes([happening], when)]


def _notes(notes: Sequence[Note], when: When) -> str:
    return "\n".join(f"- {when(note.at)}: {note.words}" for note in notes)


def vote_in_words(vote: VoteResult, when: When = hour) -> list[str]:
    """A vote with its numbers, what they are shares of, and the verdict in the words of the rule."""
    said = [f"{when(vote.at)}: {vote.manner}: “{vote.title}”."]
    said += [
        f"- {when(again.at)}: chủ tọa mở lại biểu quyết đã khóa, lý do: {again.words.rstrip('. ')}." for again in vote.reopened
    ]
    if vote.outcome is None:
        reason = vote.cancelled_because.rstrip(". ")
        return [*said, f"- Đã hủy{f', lý do: {reason}' if reason else ''}."]
    said.append(
        f"- Tổng số thành viên có quyền biểu quyết: {vote.members}; có mặt khi mở biểu quyết: {vote.present}; "
        f"thu về: {vote.collected}; hợp lệ: {vote.collected - vote.invalid}; không hợp lệ: {vote.invalid}."
    )
    said += [] if vote.entered.is_all_own else [f"- Trong số thu về: {entered_in_words(vote.entered)}."]
    said.append(f"- Kết quả: {'; '.join(f'{answer}: {n}' for answer, n in vote.counts)}.")
    return [*said, f"- Kết luận: {verdict_in_words(vote)}."]


def entered_in_words(entered: Entered) -> str:
    """By whom the ballots came in.

    >>> entered_in_words(Entered(12, (("Bùi Thị Ghi", 3),)))
    'tự bỏ phiếu trên thiết bị 12; giơ tay, do Bùi Thị Ghi ghi 3'
    """
    hands = [f"giơ tay, do {name} ghi {n}" for name, n in entered.hands]
    paper = [f"phiếu giấy, hai người kiểm {entered.paper}"] if entered.paper else []
    return "; ".join([f"tự bỏ phiếu trên thiết bị {entered.own}", *hands, *paper])


def verdict_in_words(vote: VoteResult) -> str:
    """The verdict with got, base, threshold and the source of the rule.

    >>> at = datetime(2026, 11, 25, 2, tzinfo=VIETNAM)
    >>> verdict_in_words(VoteResult(at, at, "", "", 35, 33, 33, 0, (), Outcome.PASSED, 21, 18, 35, source="Quy chế, điều 9"))
    'THÔNG QUA, với 21/35 tổng số thành viên (60,0 %); cần quá 1/2, tức ít nhất 18; căn cứ: Quy chế, điều 9'
    """
    if vote.outcome is None:
        return "ĐÃ HỦY"
    rule = f"cần {'quá' if vote.is_more_than else 'từ'} {vote.share}"
    source = f"; căn cứ: {vote.source.rstrip('.')}" if vote.source else ""
    if vote.outcome in _OF_ELECTIONS:
        return f"{_elected(vote, vote.outcome)}; {rule} {_BASES[vote.base]} ({vote.of}), tức ít nhất {vote.needed}{source}"
    chosen = f": {', '.join(name for name, _count in vote.chosen)}" if vote.chosen else ""
    return (
        f"{_OUTCOMES[vote.outcome]}{chosen}, với {vote.got}/{vote.of} {_BASES[vote.base]} ({_percent(vote.got, vote.of)} %); "
        f"{rule}, tức ít nhất {vote.needed}{source}"
    )


_OF_ELECTIONS = frozenset({Outcome.ELECTED, Outcome.ELECTED_SOME, Outcome.ELECTED_NONE})


def _elected(vote: VoteResult, outcome: Outcome) -> str:
    """Who was elected with how many ballots, who stood level at the last seat, and how many are still to be elected."""
    said, missing = _OUTCOMES[outcome], vote.seats - len(vote.chosen)
    if vote.chosen:
        names = "; ".join(f"{name} ({n}/{vote.of} phiếu, {_percent(n, vote.of)} %)" for name, n in vote.chosen)
        said = f"{said} {len(vote.chosen)}/{vote.seats}: {names}"
    if vote.tied:
        said = f"{said}; bằng phiếu nhau: {', '.join(f'{name} ({n})' for name, n in vote.tied)}"
    return f"{said}; còn thiếu {missing} người" if missing else said


def _percent(part: int, of: int) -> str:
    return f"{float(Fraction(100 * part, of)):.1f}".replace(".", ",") if of else "0"


def _numbered(conclusions: Sequence[str]) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(conclusions, start=1))


def _ending(course: Course) -> str:
    return (
        f"Cuộc họp kết thúc lúc {_moment(course.closed_at)}. "
        "Biên bản đã được thông qua, lập trên hệ thống họp không giấy, chủ tọa và thư ký cùng xác nhận./."
    )


def draft_of_annex(main: Sequence[Section]) -> list[Section]:
    """The sections of an annex that is yet to be written, with the head and the signatures of the minutes."""
    kept = {one.key: one for one in main if one.key in (*LINES, RECIPIENTS)}
    change = Section("change", "Nội dung sửa đổi, bổ sung", "")
    reason = Section("reason", "Lý do sửa đổi, bổ sung", "")
    head = [kept[key] for key in ("superior", "issuer", "number", "abstract") if key in kept]
    return [*head, reason, change, *(kept[key] for key in ("chair", "secretary", RECIPIENTS) if key in kept)]
