"""Who is here: every participant with where they are and were, the sums of that, and the list as a workbook."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from domain.ground.clock import now
from domain.ground.words import Words
from storage.meetings.attendance import Attendance, Presence, Stay, Whereabouts
from storage.meetings.meetings import Meeting, Participant
from webapp.ground.access import me
from webapp.ground.formats import hour, moment
from webapp.ground.workbooks import Value, write
from webapp.meetings.live.acts import Act

WHEREABOUTS = Words(Whereabouts, {  # the words, and the look of the badge
    Whereabouts.IN_ROOM: (_l("Tại phòng họp"), "good"),
    Whereabouts.ONLINE: (_l("Trực tuyến"), "good"),
    Whereabouts.LEFT: (_l("Đã rời họp"), "warn"),
    Whereabouts.ABSENT: (_l("Vắng, có lý do"), "neutral"),
    Whereabouts.UNKNOWN: (_l("Chưa điểm danh"), "bad"),
})  # fmt: skip
_WIDTHS = (6, 34, 34, 14, 20, 44, 40)  # of the columns of the export, in characters


@dataclass(frozen=True, slots=True)
class Line:
    """One participant in the list, with the intervals of presence."""

    participant: Participant
    whereabouts: Whereabouts
    stays: list[Stay]

    @property
    def reason(self) -> str:
        """Why the person is not here, if that is known."""
        return self.participant.absent_reason or self.participant.reason if self.whereabouts is Whereabouts.ABSENT else ""


def note_presence(act: Act, participant: Participant, presence: Presence, *, set_by: str) -> None:
    """Note that somebody is here, with its event if that is news; `set_by` as in storage/meetings/attendance.py."""
    if Attendance(act.session, act.meeting).come(participant, presence, set_by=set_by, set_by_id=me().id):
        act.record("came", parts="quorum", participant=participant.id, name=participant.name, presence=str(presence), by=set_by)


def lines(session: Session, meeting: Meeting) -> list[Line]:
    """Every participant with where they are, in the order of the body's list."""
    attendance = Attendance(session, meeting)
    where, stays = attendance.whereabouts(), attendance.stays()
    return [Line(one, where[one.id], [stay for stay in stays if stay.participant_id == one.id]) for one in meeting.participants]


def summary(everybody: list[Line]) -> dict[str, int]:
    """How many are here: of the members with a vote, in the room and online, and of the others, who are counted apart."""
    here = [line for line in everybody if line.whereabouts in (Whereabouts.IN_ROOM, Whereabouts.ONLINE)]
    voters = [line for line in here if line.participant.has_vote]
    return {
        "voters": sum(line.participant.has_vote for line in everybody),
        "present": len(voters),
        "online": sum(line.whereabouts is Whereabouts.ONLINE for line in voters),
        "others": sum(not line.participant.has_vote for line in everybody),
        "others_present": len(here) - len(voters),
    }


def workbook(session: Session, meeting: Meeting) -> bytes:
    """The list as a workbook."""
    return write(_("Điểm danh"), _WIDTHS, _preface(session, meeting), map(_row, lines(session, meeting)))


def _preface(session: Session, meeting: Meeting) -> Iterator[tuple[Value, ...]]:
    counts = summary(lines(session, meeting))
    yield (_("Cuộc họp"), meeting.title)
    yield (_("Thời gian"), moment(meeting.starts_at))
    yield (
        _("Có mặt"),
        _("%(present)s/%(voters)s ủy viên, %(others_present)s/%(others)s khách mời và người giúp việc", **counts),
    )
    yield (_("Xuất lúc"), moment(now()))
    yield (_("Người xuất"), me().name)
    yield ()
    yield (_("STT"), _("Họ và tên"), _("Chức vụ"), _("Biểu quyết"), _("Có mặt"), _("Các khoảng thời gian"), _("Lý do vắng"))


def _row(line: Line) -> tuple[Value, ...]:
    one = line.participant
    spans = "; ".join(f"{hour(stay.came_at)}–{hour(stay.left_at) or '…'}" for stay in line.stays)
    vote = _("Có") if one.has_vote else _("Không")
    return (one.name, one.title, vote, str(WHEREABOUTS[line.whereabouts][0]), spans, line.reason)
