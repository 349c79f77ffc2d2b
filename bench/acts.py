"""Kill the web program at random while a meeting and its office are at work, and prove afterwards that whatever was answered is there.

    python bench/acts.py --kills 20

The server is the real one, killed with SIGKILL and started again. Three people work at the same time, each pressing again when an answer
is lost, under the same key where the act has one: the chair and the secretary open, close and publish votes and take up items; the
secretary writes minutes and both approve them, annex after annex; the clerk numbers, signs and issues documents. Exit status 1 if an act
that was answered is gone, one is there by half, a number is missing or given twice, or `khonggiay verify` finds a fault.
"""

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import func, select, text  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from bench.ballots import SURE, Hall, Server  # noqa: E402
from bench.meeting import Room, furnish  # noqa: E402
from domain.directives.directives import Direction, OutgoingState  # noqa: E402
from domain.ground.clock import now, today  # noqa: E402
from domain.meetings.meetings import MeetingState, Part  # noqa: E402
from domain.meetings.minutes import Section  # noqa: E402
from domain.meetings.voting import VoteKind, VoteState  # noqa: E402
from domain.people.roles import Role  # noqa: E402
from domain.people.units import UnitKind  # noqa: E402
from storage.directives.deliveries import Delivery  # noqa: E402
from storage.directives.numbering import NumberGap, NumberingRule  # noqa: E402
from storage.directives.outgoing import OutgoingDocument  # noqa: E402
from storage.ground.settings import Settings  # noqa: E402
from storage.meetings.ballots import NamedBallot, RollEntry, SecretBallot, Vote  # noqa: E402
from storage.meetings.meetings import Meeting, MeetingEvent, Participant  # noqa: E402
from storage.meetings.minutes import MeetingMinutes, Minutes, MinutesRevision  # noqa: E402
from storage.meetings.votes import Votes  # noqa: E402
from storage.people.people import NO_PASSWORD, Person, Seat, SignIns  # noqa: E402
from storage.people.units import Unit  # noqa: E402
from webapp.ground.access import COOKIE  # noqa: E402

MEMBERS = 4
DONE = (200, 204, 303)
STOOD_ALREADY = 409  # what a step answers that was taken before its answer was lost


class Office:
    """The room, the minutes of a meeting that is over, and a clerk with documents to number."""

    def __init__(self, settings: Settings, port: int, dice: random.Random) -> None:
        self.room: Room = furnish(settings, MEMBERS, 0)
        self.hall = Hall(self.room, port, dice)
        self.secretary = self.room.screen
        self.promised: list[tuple[str, object]] = []
        self._form = self.room.chair.partition("; ")[2]
        with self.room.database.writing() as session:
            self.over, self.clerk, self.unit, self.receiver = self._furnish(session)

    def _furnish(self, session: Session) -> tuple[int, str, int, int]:
        meeting = session.get_one(Meeting, self.room.meeting_id)
        assert meeting.body
        unit = meeting.body.unit
        below = Unit(code="CD-1", name="Công đoàn phường", kind=UnitKind.UPPER, parent=unit, valid_from=date(2025, 7, 1))
        clerk = Person(login="clerk", name="Lê Văn Thư", password_hash=NO_PASSWORD, roles=frozenset({Role.CLERK}))
        session.add_all([below, clerk, NumberingRule(unit_id=unit.id, valid_from=date(2020, 1, 1), body_symbol="LĐLĐ")])
        session.flush()
        session.add(Seat(person=clerk, unit=unit, title="Văn thư", valid_from=date(2025, 7, 1)))
        over = Meeting(
            body=meeting.body, rules=meeting.rules, title="Hội nghị lần thứ 11", place="Hội trường A", starts_at=now(), ends_at=now(),
            opened_at=now(), closed_at=now(), state=MeetingState.CLOSED,
        )  # fmt: skip
        for one in meeting.participants:
            if one.part in (Part.CHAIR, Part.SECRETARY):
                over.participants.append(
                    Participant(
                        person=one.person, name=one.name, title=one.title, part=one.part, has_vote=False, position=one.position
                    )
                )
        session.add(over)
        session.flush()
        MeetingMinutes(session, over).draft([Section("opening", "Khai mạc", "Hội nghị khai mạc.")], clerk)
        token = SignIns(session).start(clerk, lasting=timedelta(hours=12), address="127.0.0.1", device="bench")
        return over.id, f"{COOKIE}={token}; {self._form}", unit.id, below.id

    def press(self, cookie: str, path: str, **form: str) -> int:
        """Press until it is answered; returns the status."""
        form = {"act_id": str(uuid.uuid4()), **form}
        return self.hall.insist(self.hall.request(cookie, path, form))[0]

    def vote(self) -> None:
        """One vote from its question to its publication, with an item taken up before."""
        meeting, room = f"/meetings/{self.room.meeting_id}", self.room
        item = self.hall.dice.choice(room.items)
        if self.press(room.chair, f"{meeting}/items/{item}/take-up") in DONE:
            self.promised.append(("item", item))
        kind = self.hall.dice.choice([VoteKind.SECRET, VoteKind.NAMED])
        with room.database.writing() as session:
            vote = (
                Votes(session)
                .prepare(session.get_one(Meeting, room.meeting_id), None, kind=kind, question=f"{uuid.uuid4()}")
                .id
            )
        if self.press(room.chair, f"{meeting}/votes/{vote}/open") not in DONE:
            raise SystemExit("a vote could not be opened")
        for member in room.members:
            ballot = str(uuid.uuid4())
            if self.press(member, f"{meeting}/votes/{vote}/ballot", ballot_id=ballot, choice="for") in DONE:
                self.promised.append(("ballot", ballot))
        for step in ("close", "publish"):
            if self.press(room.chair, f"{meeting}/votes/{vote}/{step}", sure=SURE[step]) in DONE:
                self.promised.append((step, vote))

    def minute(self) -> None:
        """Write a text into the minutes, and now and then have both approve them; then an annex is begun."""
        book = f"/meetings/{self.over}/minutes"
        with self.room.database.reading() as session:
            newest = MeetingMinutes(session, session.get_one(Meeting, self.over)).all()[-1]
            annex, is_locked = newest.annex, newest.is_locked
            key, revision = newest.sections[-1].key, newest.sections[-1].revision
        if is_locked:
            self.press(self.secretary, f"{book}/annex")
            return
        typed = f"Đoạn {uuid.uuid4()}"
        if self.press(self.secretary, f"{book}/{annex}/sections/{key}", text=typed, revision=str(revision)) in DONE:
            self.promised.append(("text", typed))
        if self.hall.dice.random() < 0.3:
            with self.room.database.reading() as session:
                revision = MeetingMinutes(session, session.get_one(Meeting, self.over)).get(annex).revision
            said = [
                self.press(cookie, f"{book}/{annex}/approve", approver=approver, revision=str(revision))
                for cookie, approver in ((self.secretary, "secretary"), (self.room.chair, "chair"))
            ]
            if all(status in DONE for status in said):
                self.promised.append(("locked", annex))

    def issue(self) -> None:
        """Number, sign and issue one document."""
        with self.room.database.writing() as session:
            document = OutgoingDocument(
                unit_id=self.unit, state=OutgoingState.APPROVED, kind="Kế hoạch",
                abstract=f"{uuid.uuid4()}", signer="Hồ Thị Chủ Tịch", direction=Direction.DOWN, recipients="như trên",
            )  # fmt: skip
            session.add(document)
            session.flush()
            at = document.id
        steps = {
            "number": {"dated": today().isoformat(), "symbol": ""}, "sign": {"manner": "paper"},
            "issue": {"channel": "system", "paper": "no", "to": str(self.receiver), "due": ""},
        }  # fmt: skip
        for step, form in steps.items():
            with self.room.database.reading() as session:
                revision = session.get_one(OutgoingDocument, at).revision
            status = self.press(self.clerk, f"/directives/{at}/{step}", revision=str(revision), **form)
            if status not in (*DONE, STOOD_ALREADY):
                raise SystemExit(f"{step}: {status}")
            self.promised.append((step, at))


def work(acts: Callable[[], None], end: threading.Event, faults: list[str]) -> threading.Thread:
    """Somebody who does that again and again until the end."""

    def go_on() -> None:
        try:
            while not end.is_set():
                acts()
        except (SystemExit, Exception) as fault:  # told with the others at the end
            faults.append(f"{acts.__name__}: {fault!r}")

    thread = threading.Thread(target=go_on)
    thread.start()
    return thread


def judge(office: Office) -> list[str]:
    """What is wrong in the books."""
    with office.room.database.reading() as session:
        return [
            *(f"{kind} {key} was answered and is gone" for kind, key in office.promised if not _is_kept(session, kind, key)),
            *_halves(session),
            *_numbers(session),
        ]


def _is_kept(session: Session, kind: str, key: object) -> bool:
    """Whether what was answered is there."""
    if kind == "item":
        taken_up = select(func.count()).where(MeetingEvent.kind == "item_taken_up", MeetingEvent.item_id == key)
        return bool(session.scalar(taken_up))
    if kind == "ballot":
        return bool(session.scalar(select(func.count()).where(RollEntry.client_ballot_id == key, RollEntry.voted)))
    if kind in ("close", "publish"):
        states = (VoteState.PUBLISHED,) if kind == "publish" else (VoteState.CLOSED, VoteState.PUBLISHED)
        return session.get_one(Vote, key).state in states
    if kind == "text":
        return bool(session.scalar(select(func.count()).where(MinutesRevision.text == key)))
    if kind == "locked":
        return session.scalars(select(Minutes).where(Minutes.annex == key)).one().is_locked
    state = session.get_one(OutgoingDocument, key).state
    order = [OutgoingState.APPROVED, OutgoingState.NUMBERED, OutgoingState.SIGNED, OutgoingState.ISSUED]
    return order.index(state) >= {"number": 1, "sign": 2, "issue": 3}[kind]


def _halves(session: Session) -> list[str]:
    """Acts of which one part is there and another is not."""
    problems = []
    for meeting in session.scalars(select(Meeting)):
        events = session.scalar(select(func.count()).where(MeetingEvent.meeting_id == meeting.id))
        if events != meeting.revision:
            problems.append(f"meeting {meeting.id}: {events} events, revision {meeting.revision}")
    for vote in session.scalars(select(Vote)):
        kind = SecretBallot if vote.is_secret else NamedBallot
        kept = session.scalar(select(func.count()).select_from(kind).where(kind.vote_id == vote.id))
        voted = session.scalar(select(func.count()).where(RollEntry.vote_id == vote.id, RollEntry.voted))
        if kept != voted:
            problems.append(f"vote {vote.id}: {voted} voted, {kept} ballots")
    for minutes in session.scalars(select(Minutes)):
        newest = session.scalar(select(func.max(MinutesRevision.number)).where(MinutesRevision.minutes_id == minutes.id))
        if newest != minutes.revision or minutes.is_locked != (len(minutes.approvals) == 2):
            problems.append(
                f"minutes {minutes.annex}: revision {minutes.revision}, kept {newest}, {len(minutes.approvals)} approvals"
            )
        if minutes.is_locked and not MeetingMinutes(session, minutes.meeting).is_intact(minutes):
            problems.append(f"minutes {minutes.annex}: locked with another text than their hash")
    for document in session.scalars(select(OutgoingDocument)):
        deliveries = session.scalar(select(func.count()).where(Delivery.outgoing_id == document.id))
        if deliveries != (document.state is OutgoingState.ISSUED):
            problems.append(f"document {document.id} is {document.state} with {deliveries} deliveries")
    if session.execute(text("PRAGMA integrity_check")).scalar() != "ok":
        problems.append("the file of the database is damaged")
    return problems


def _numbers(session: Session) -> list[str]:
    """Numbers that are missing or were given twice."""
    given = session.scalars(select(OutgoingDocument.number).where(OutgoingDocument.number.is_not(None))).all()
    taken = Counter([*given, *session.scalars(select(NumberGap.number))])
    doubles = [number for number, count in taken.items() if count > 1]
    missing = set(range(1, max(taken, default=0) + 1)) - set(taken)
    return [f"numbers given twice: {doubles}, missing: {sorted(missing)}"] if doubles or missing else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2026)
    wanted = parser.parse_args()
    dice = random.Random(wanted.seed)
    with tempfile.TemporaryDirectory(prefix="acts-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = Settings(environment="test", data_dir=Path(folder), port=port)
        office = Office(settings, port, dice)
        sys.exit(run(settings, office, wanted.kills, dice))


def run(settings: Settings, office: Office, kills: int, dice: random.Random) -> int:
    """Work while the server dies, then judge; 1 if anything is wrong."""
    server, end, problems = Server(settings), threading.Event(), list[str]()
    server.start()
    begun = time.monotonic()
    people = [work(acts, end, problems) for acts in (office.vote, office.minute, office.issue)]
    try:
        for _ in range(kills):
            time.sleep(dice.uniform(0.3, 2.0))
            server.kill()
            server.start()
        end.set()
        for one in people:
            one.join()
    finally:
        end.set()
        server.kill()
    problems += judge(office)
    checked = subprocess.run(
        [ROOT / "bin/khonggiay", "verify"],
        env={**os.environ, "KHONGGIAY_DATA_DIR": str(settings.data_dir), "KHONGGIAY_ENVIRONMENT": "test"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    problems += [checked.stdout + checked.stderr] if checked.returncode else []
    answered = dict(Counter(kind for kind, _key in office.promised))
    print(
        f"kills {kills} in {time.monotonic() - begun:.0f} s; answered {answered}; statuses {dict(sorted(office.hall.statuses.items()))}"
    )
    print("\n".join(problems) or "whatever was answered is there, and whole")
    return 1 if problems else 0


if __name__ == "__main__":
    main()
