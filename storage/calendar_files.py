"""Meetings as calendar files (iCalendar, RFC 5545): the only place that makes them. Who gets which is said in storage/invitations.py."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from domain.clock import now
from domain.invitations import is_address
from domain.meetings import Part
from storage.meetings import Meeting, Participant, Sitting

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"


def uid_of(meeting: Meeting, sitting: Sitting | None) -> str:
    """The name of an entry in everybody's calendar; it stays when the meeting moves."""
    part = f"-{sitting.id}" if sitting else ""
    return f"meeting-{meeting.id}{part}-{meeting.created_at:%Y%m%d%H%M%S}@khonggiay"


def calendar_files(meeting: Meeting, participant: Participant, *, method: str, organizer: str, address: str) -> list[str]:
    """What one participant's mail carries: a file for each sitting, since one request speaks of one entry (RFC 5546)."""
    sittings: Sequence[Sitting | None] = meeting.sittings or [None]
    people = [participant] if is_address(participant.person.login) else []
    return [_text([_entry(meeting, sitting, method, organizer, address, people)], method) for sitting in sittings]


def whole_calendar(meeting: Meeting, *, address: str) -> str:
    """The whole meeting as one file, to be put into a calendar by hand."""
    sittings: Sequence[Sitting | None] = meeting.sittings or [None]
    return _text([_entry(meeting, sitting, PUBLISH, "", address, []) for sitting in sittings], PUBLISH)


def _text(entries: Sequence[Event], method: str) -> str:
    calendar = Calendar()
    calendar.add("prodid", "-//Khong Giay//VI")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(entry)
    calendar.add_missing_timezones()
    return str(calendar.to_ical().decode("utf-8"))


def _entry(
    meeting: Meeting, sitting: Sitting | None, method: str, organizer: str, address: str, people: Sequence[Participant]
) -> Event:
    entry, when = Event(), sitting or meeting
    entry.add("uid", uid_of(meeting, sitting))
    entry.add("sequence", meeting.ics_sequence)
    entry.add("dtstamp", now())
    entry.add("dtstart", when.starts_at.astimezone(ZONE))
    entry.add("dtend", when.ends_at.astimezone(ZONE))
    entry.add("summary", _title(meeting, sitting))
    entry.add("location", " – ".join(filter(None, [when.place or meeting.place, meeting.link])))
    entry.add("description", f"Chương trình, tài liệu và trả lời giấy mời: {address}")
    entry.add("url", address)
    entry.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    if organizer:
        entry.add("organizer", _person(organizer, meeting.body.unit.name if meeting.body else ""))
    for one in people:
        entry.add("attendee", _attendee(one, method))
    return entry


def _title(meeting: Meeting, sitting: Sitting | None) -> str:
    if sitting is None:
        return meeting.title
    return f"{meeting.title} – phiên {meeting.sittings.index(sitting) + 1}/{len(meeting.sittings)}"


def _person(address: str, name: str) -> vCalAddress:
    who = vCalAddress(f"mailto:{address}")
    if name:
        who.params["CN"] = vText(name)
    return who


def _attendee(one: Participant, method: str) -> vCalAddress:
    who = _person(one.person.login, one.name)
    who.params["ROLE"] = vText("CHAIR" if one.part is Part.CHAIR else "REQ-PARTICIPANT")
    answer = {True: "ACCEPTED", False: "DECLINED", None: "NEEDS-ACTION"}[one.coming]
    who.params["PARTSTAT"] = vText(answer)
    if method == REQUEST:
        who.params["RSVP"] = vText("TRUE")
    return who
