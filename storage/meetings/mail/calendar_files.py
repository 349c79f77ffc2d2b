"""Meetings as calendar files (iCalendar, RFC 5545): the only place that makes them. Who gets which: invitations.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from domain.ground.clock import now
from domain.ground.mail import is_address
from domain.meetings.meetings import Part
from storage.meetings.meetings import Meeting, Participant

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"


@dataclass(frozen=True, slots=True)
class Slot:
    """An entry in everybody's calendar: the meeting, or one sitting of several. The uid is its name, and stays when it moves."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str


def slots_of(meeting: Meeting) -> list[Slot]:
    """The entries of a meeting."""
    stamp = f"{meeting.created_at:%Y%m%d%H%M%S}@khonggiay"
    if not meeting.sittings:
        return [Slot(f"meeting-{meeting.id}-{stamp}", meeting.title, meeting.starts_at, meeting.ends_at, meeting.place)]
    return [
        Slot(
            f"meeting-{meeting.id}-{sitting.id}-{stamp}",
            f"{meeting.title} – phiên {number}/{len(meeting.sittings)}",
            sitting.starts_at,
            sitting.ends_at,
            sitting.place or meeting.place,
        )
        for number, sitting in enumerate(meeting.sittings, start=1)
    ]


def calendar_files(
    meeting: Meeting,
    participant: Participant,
    *,
    method: str,
    organizer: str,
    address: str,
    slots: Sequence[Slot] | None = None,
) -> list[str]:
    """What one participant's mail carries: a file for each entry, since one request speaks of one (RFC 5546).

    `slots` are those of the meeting, unless others are named: entries that were dropped are no longer its own.
    """
    people = [participant] if is_address(participant.person.login) else []
    meant = slots_of(meeting) if slots is None else slots
    return [_text([_entry(meeting, slot, method, organizer, address, people)], method) for slot in meant]


def whole_calendar(meeting: Meeting, *, address: str) -> str:
    """The whole meeting as one file, to be put into a calendar by hand."""
    return _text([_entry(meeting, slot, PUBLISH, "", address, []) for slot in slots_of(meeting)], PUBLISH)


def _text(entries: Sequence[Event], method: str) -> str:
    calendar = Calendar()
    calendar.add("prodid", "-//Khong Giay//VI")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_zone())
    for entry in entries:
        calendar.add_component(entry)
    return str(calendar.to_ical().decode("utf-8"))


@cache
def _zone() -> Timezone:
    """What each file says of our time; to reckon it takes the library as long as all the rest of an invitation."""
    return Timezone.from_tzinfo(ZONE)


def _entry(meeting: Meeting, slot: Slot, method: str, organizer: str, address: str, people: Sequence[Participant]) -> Event:
    entry = Event()
    entry.add("uid", slot.uid)
    entry.add("sequence", meeting.ics_sequence)
    entry.add("dtstamp", now())
    entry.add("dtstart", slot.starts_at.astimezone(ZONE))
    entry.add("dtend", slot.ends_at.astimezone(ZONE))
    entry.add("summary", slot.title)
    entry.add("location", " – ".join(filter(None, [slot.place, meeting.link])))
    entry.add("description", f"Chương trình, tài liệu và trả lời giấy mời: {address}")
    entry.add("url", address)
    entry.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    if organizer:
        entry.add("organizer", _person(organizer, meeting.body.unit.name if meeting.body else ""))
    for one in people:
        entry.add("attendee", _attendee(one, method))
    return entry


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
