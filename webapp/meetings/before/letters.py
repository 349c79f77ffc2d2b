"""The invitation (giấy mời) as an official paper, the same on the page and in print. NĐ 30/2020 names its parts."""

from collections.abc import Sequence
from datetime import datetime

from domain.ground.clock import VIETNAM
from domain.ground.official_papers import Block, Ending, Header, OfficialPaper, Paragraph, Signature, Title
from domain.meetings.agenda import ItemKind
from domain.meetings.meetings import Part
from storage.meetings.mail.invitations import when_and_where
from storage.meetings.meetings import AgendaItem, Meeting, Participant

_SUPERIOR = "TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM"
_RECIPIENTS = ("- Như trên;", "- Lưu: VT.")


def invitation_paper(
    meeting: Meeting, participant: Participant | None, items: Sequence[AgendaItem], issued_at: datetime | None
) -> OfficialPaper:
    """The invitation for one participant, or with room for a name; undated until it has gone out."""
    unit = meeting.body.unit if meeting.body else None
    superior = unit.parent.name.upper() if unit and unit.parent else _SUPERIOR
    header = Header(
        superior,
        unit.name.upper() if unit else "",
        f"Số: {meeting.invitation_number or '…/GM-LĐLĐ'}",
        _place_and_day(unit.name if unit else "", issued_at),
    )
    chair = next((one for one in meeting.participants if one.part is Part.CHAIR), None)
    signature = Signature(
        ("TM. BAN THƯỜNG VỤ", (chair.title or "CHỦ TỊCH").upper() if chair else "CHỦ TỊCH"), chair.name if chair else ""
    )
    text = _text(meeting, participant, chair, items, unit.name if unit else "")
    blocks: tuple[Block, ...] = (
        header,
        Title("GIẤY MỜI", meeting.title),
        *map(Paragraph, text),
        Ending(signature, None, _RECIPIENTS),
    )
    return OfficialPaper(f"Giấy mời: {meeting.title}", blocks, is_rehearsal=meeting.is_rehearsal)


def _text(
    meeting: Meeting, participant: Participant | None, chair: Participant | None, items: Sequence[AgendaItem], unit: str
) -> list[str]:
    guest = ", ".join(filter(None, [participant.name, participant.title])) if participant else "…………………………………………"
    lines = [f"{unit} trân trọng kính mời đồng chí: {guest}", f"Tới dự: {meeting.title}."]
    lines += [f"Chủ trì: đồng chí {chair.name}{f', {chair.title}' if chair.title else ''}."] if chair else []
    lines += [f"{line}." for line in when_and_where(meeting)]
    shown = {item.id for item in items}  # whoever is invited to a point below another reads that point
    topics = [item.title for item in items if item.parent_id not in shown and item.kind is not ItemKind.BREAK]
    lines += ["Nội dung:", *(f"{number}. {title}." for number, title in enumerate(topics, start=1))] if topics else []
    return lines


def _place_and_day(unit: str, issued_at: datetime | None) -> str:
    place = unit.partition("tỉnh ")[2] or "…"
    if issued_at is None:
        return f"{place}, ngày … tháng … năm …"
    day = issued_at.astimezone(VIETNAM)
    month = f"{day.month:02}" if day.month < 3 else str(day.month)  # only January and February take a zero
    return f"{place}, ngày {day:%d} tháng {month} năm {day.year}"
