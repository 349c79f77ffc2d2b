"""How fast a meeting is told, how fast it votes, and how it comes back after a crash, with the program as users run it.

    python bench/meeting.py [--members 200 500 1000] [--rounds 6] [--only-ballots] [--window 3]

Each size gets an installation of its own (SQLite, `khonggiay web`), N members and 10 screens, each with an account, a sign-in and a
real WebSocket. Measured from the time that stands in the event of the act, which is taken before its commit, to the arrival of the
fragment; beside it, in the same run, the bare emit of as many bytes to as many clients by a server that does nothing else
(bench/bare.py). Trust the ratios, not the milliseconds. At the end stands a table for docs/performance-meeting.md, with the load of
the machine before and after. All three sizes take some eight minutes of a free machine. Exit status 1 if a ballot is lost or doubled or
a client does not come back.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import Request, urlopen

from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from domain.ground.clock import now  # noqa: E402
from domain.meetings.agenda import ItemKind  # noqa: E402
from domain.meetings.meetings import MeetingState, Part  # noqa: E402
from domain.meetings.voting import VoteKind  # noqa: E402
from domain.people.roles import Role  # noqa: E402
from domain.people.units import UnitKind  # noqa: E402
from khonggiay.programs import allow_many_files  # noqa: E402
from storage.ground.database import Database  # noqa: E402
from storage.ground.settings import Settings  # noqa: E402
from storage.meetings.attendance import Presence, Stay  # noqa: E402
from storage.meetings.ballots import NamedBallot, RollEntry  # noqa: E402
from storage.meetings.bodies import Body, BodyMember, BodyRules  # noqa: E402
from storage.meetings.meetings import AgendaItem, Meeting, MeetingEvent, Participant  # noqa: E402
from storage.meetings.votes import Votes  # noqa: E402
from storage.people.people import NO_PASSWORD, Person, SignIns  # noqa: E402
from storage.people.units import Unit  # noqa: E402
from storage.tables import migrate  # noqa: E402
from webapp.ground.access import COOKIE  # noqa: E402
from webapp.serving import WEB_CONNECTIONS, WEB_THREADS  # noqa: E402

SCREENS = 10
ITEMS = 12
ROUNDS = 6
SETTLE_S = 1.2  # between two acts, so that each is measured alone
ACTS_PORT, BARE_PORT = 5320, 5321
CHOICES = ("for", "against", "abstain")


@dataclass
class Room:
    """A meeting of N members in a database, and the cookies of whoever takes part."""

    database: Database
    meeting_id: int
    items: list[int]
    chair: str
    members: list[str]
    screen: str
    csrf: str
    votes: list[int] = field(default_factory=list)


def furnish(settings: Settings, members: int, votes: int) -> Room:
    """Put a meeting in session, its people, their sign-ins and its prepared votes into an empty database."""
    database = Database(settings.database_url)
    migrate(database)
    form_cookie, csrf = forge_form(settings)
    with database.writing() as session:
        unit = Unit(code="LDLD", name="Liên đoàn Lao động tỉnh", kind=UnitKind.PROVINCE, valid_from=date(1989, 7, 1))
        body = Body(unit=unit, name="Ban Chấp hành khóa XIV", valid_from=date(2023, 9, 1))
        body.rules.append(BodyRules(valid_from=date(2023, 9, 1), source="Quy chế làm việc của Ban Chấp hành, điều 9"))
        meeting = Meeting(
            body=body, rules=body.rules[0], title="Hội nghị Ban Chấp hành lần thứ 12 (mở rộng)", place="Hội trường A",
            starts_at=now(), ends_at=now() + timedelta(hours=4), opened_at=now(), state=MeetingState.OPEN,
            items=[AgendaItem(title=f"Nội dung thứ {number + 1}: kết quả công tác và nhiệm vụ thời gian tới",
                              kind=ItemKind.DECISION, minutes=15, position=number) for number in range(ITEMS)],
        )  # fmt: skip
        session.add(meeting)
        people = [
            Person(login=f"m{n}", name=f"Nguyễn Thị Ủy Viên {n}", password_hash=NO_PASSWORD, roles=frozenset({Role.MEMBER}))
            for n in range(members + 1)
        ]
        session.add_all(people)
        session.flush()
        for number, person in enumerate(people):
            part = Part.CHAIR if number == 0 else Part.SECRETARY if number == members else Part.MEMBER
            votes_too = part is not Part.SECRETARY
            one = Participant(person=person, name=person.name, title="Ủy viên", part=part, has_vote=votes_too, position=number)
            meeting.participants.append(one)
            session.flush()
            session.add(Stay(participant_id=one.id, presence=Presence.IN_ROOM, set_by="self"))
            if votes_too:
                body.members.append(BodyMember(person=person, title="Ủy viên", position=number, valid_from=date(2023, 9, 1)))
        meeting.presiding_id = people[0].id
        day = timedelta(hours=12)
        tokens = [SignIns(session).start(one, lasting=day, address="127.0.0.1", device="bench") for one in people]
        questions = [f"Thông qua nội dung {number + 1} của Nghị quyết" for number in range(votes)]
        prepared = [Votes(session).prepare(meeting, None, kind=VoteKind.NAMED, question=question).id for question in questions]
        cookies = [f"{COOKIE}={token}; {form_cookie}" for token in tokens]
        items = [item.id for item in meeting.items]
        return Room(database, meeting.id, items, cookies[0], cookies[:members], cookies[members], csrf, prepared)


def forge_form(settings: Settings) -> tuple[str, str]:
    """The cookie and the field of the check of forged forms, as a page would have brought them."""
    app = Flask(__name__)
    app.secret_key = settings.secret_key
    with app.test_request_context():
        from flask import session

        field_value = generate_csrf()
        signed = app.session_interface.get_signing_serializer(app).dumps(dict(session))  # type: ignore[attr-defined]
    return f"khonggiay_form={signed}", field_value


@contextmanager
def serving(command: list[str], environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers by now, and ends with the block."""
    server = start(command, environment, port)
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:  # a thousand threads of the bare server do not always end
            server.kill()
            server.wait()


def start(command: list[str], environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(command, env=environment, start_new_session=True)
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
            return server
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server does not answer")


class Crowd:
    """The clients, in a process of their own."""

    def __init__(self, port: int, cookies: list[str], follows: list[list[str]], parts: str = "") -> None:
        command = [sys.executable, str(ROOT / "bench" / "crowd.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.say("gather", url=f"http://127.0.0.1:{port}", cookies=cookies, follows=follows, parts=parts)

    def say(self, order: str, **facts: Any) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"do": order, **facts}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"the crowd has gone at {order}")
        return json.loads(answer)

    def __enter__(self) -> "Crowd":
        told = self.say("connect")
        print(f"    {'connected in':<34}{told['seconds']:6.1f} s", flush=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.say("leave")
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait()


def post(port: int, address: str, cookie: str = "", **form: str) -> float:
    """Press a button; the seconds until the answer."""
    from urllib.parse import urlencode

    headers = {"Cookie": cookie, "X-Live": "1", "Accept": "application/json"}
    begun = time.perf_counter()
    urlopen(Request(f"http://127.0.0.1:{port}{address}", urlencode(form).encode(), headers), timeout=60).close()
    return time.perf_counter() - begun


def quantiles(seconds: list[float]) -> dict[str, float]:
    """p50, p95, p99 and the last, in milliseconds."""
    ordered = sorted(seconds)
    return {
        name: 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))]
        for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("last", 1.0))
    }


def show(name: str, figures: dict[str, float], beside: dict[str, float] | None = None) -> None:
    line = f"    {name:<34}" + "".join(f"{key} {value:7.0f}   " for key, value in figures.items())
    if beside:
        line += "of bare: " + ", ".join(f"{key} {figures[key] / beside[key]:.2f}" for key in figures)
    print(line, flush=True)


def bare(members: int, size: int, rounds: int) -> list[float]:
    """The seconds that a bare emit of so many bytes took to each client."""
    environment = {**os.environ, "BARE_MODE": "threading", "PYTHONPATH": str(ROOT / "bench")}
    options = ["--workers", "1", "--threads", str(WEB_THREADS), "--worker-connections", str(WEB_CONNECTIONS)]
    command = [sys.executable, "-m", "gunicorn", *options, "--worker-class", "gthread"]
    command += ["--bind", f"127.0.0.1:{BARE_PORT}", "--log-level", "error", "bare:make()"]
    with serving(command, environment, BARE_PORT), Crowd(BARE_PORT, [""] * (members + SCREENS), []) as crowd:
        for _ in range(rounds):
            post(BARE_PORT, f"/emit?bytes={size}")
            time.sleep(SETTLE_S)
        heard = crowd.say("hush")["heard"]
    assert len(heard) == rounds * (members + SCREENS), f"the bare server lost {rounds * (members + SCREENS) - len(heard)}"
    return [at - numbers["at"] for at, _size, numbers, _client in heard]


class Measured:
    """The meeting of one size, with its server and its crowd."""

    def __init__(self, members: int, rounds: int, window_s: float, folder: Path) -> None:
        self.members, self.rounds, self.window_s = members, rounds, window_s
        self.settings = Settings(environment="test", data_dir=folder)
        self.room = furnish(self.settings, members, votes=rounds + 3)
        self.environment = {
            **os.environ, "KHONGGIAY_DATA_DIR": str(folder), "KHONGGIAY_ENVIRONMENT": "test",
            "KHONGGIAY_PORT": str(ACTS_PORT), "KHONGGIAY_LOG_LEVEL": "error",
        }  # fmt: skip
        self.command = [sys.executable, "-m", "khonggiay", "web"]
        self.address = f"/meetings/{self.room.meeting_id}"
        self.failures: list[str] = []

    def crowd(self) -> Crowd:
        """All members, and the screens last."""
        room = self.room
        follows = [[f"meeting:{room.meeting_id}"]] * self.members + [[f"screen:{room.meeting_id}"]] * SCREENS
        return Crowd(ACTS_PORT, room.members + [room.screen] * SCREENS, follows, f"{self.address}/parts")

    def press(self, address: str, **form: str) -> float:
        """An act of the chair."""
        form = {"csrf_token": self.room.csrf, "act_id": str(uuid.uuid4()), **form}
        return post(ACTS_PORT, self.address + address, self.room.chair, **form)

    def told(self, crowd: Crowd, acts: list[Callable[[], None]], kind: str) -> tuple[list[float], int]:
        """The seconds from each event of that kind to each client, and the usual size of the message."""
        crowd.say("hush")
        for act in acts:
            act()
        heard = crowd.say("hush")["heard"]
        with self.room.database.reading() as session:
            wanted = select(MeetingEvent.revision, MeetingEvent.at).where(MeetingEvent.kind == kind)
            times = {revision: at.timestamp() for revision, at in session.execute(wanted)}
        mine = [(at - times[int(numbers["revision"])], size) for at, size, numbers, _ in heard if numbers["revision"] in times]
        expected = (self.members + SCREENS) * len(acts)
        if len(mine) != expected:
            self.failures.append(f"{kind}: heard {len(mine)} times instead of {expected}")
        return [seconds for seconds, _ in mine], int(median(size for _, size in mine))

    def items(self) -> list[Callable[[], None]]:
        def take_up(item: int) -> None:
            self.press(f"/items/{item}/take-up")
            time.sleep(SETTLE_S)

        return [lambda item=item: take_up(item) for item in self.room.items[: self.rounds]]  # type: ignore[misc]

    def votes(self) -> list[Callable[[], None]]:
        def vote(vote_id: int) -> None:
            self.press(f"/votes/{vote_id}/open")
            time.sleep(SETTLE_S)
            self.press(f"/votes/{vote_id}/cancel", reason="Đo thời gian")
            time.sleep(SETTLE_S)

        return [lambda vote_id=vote_id: vote(vote_id) for vote_id in self.room.votes[: self.rounds]]  # type: ignore[misc]

    def ballots(self, crowd: Crowd, vote_id: int) -> list[float]:
        """Everybody votes within the window; then the vote is closed and counted. The seconds of each ballot."""
        self.press(f"/votes/{vote_id}/open")
        time.sleep(SETTLE_S)
        forms = [
            {"csrf_token": self.room.csrf, "ballot_id": str(uuid.uuid4()), "choice": random.choice(CHOICES)}
            for _ in range(self.members)
        ]
        orders = [
            {"client": number, "address": f"{self.address}/votes/{vote_id}/ballot", "form": form}
            for number, form in enumerate(forms)
        ]
        answers = crowd.say("vote", ballots=orders, within_s=self.window_s)["answers"]
        self.press(f"/votes/{vote_id}/close", sure="not_all_voted")
        for (status, _seconds, said), form in zip(answers, forms, strict=True):
            if status != 200 or json.loads(said)["ballot"] != form["ballot_id"]:
                self.failures.append(f"ballot: {status} {said[:200]}")
        with self.room.database.reading() as session:
            given = select(func.count()).select_from(NamedBallot).where(NamedBallot.vote_id == vote_id)
            marked = select(func.count()).select_from(RollEntry).where(RollEntry.vote_id == vote_id, RollEntry.voted)
            kept = (session.scalar(given), session.scalar(marked))
        if kept != (self.members, self.members):
            self.failures.append(f"ballots: {kept} kept and marked of {self.members}")
        return [seconds for _status, seconds, _said in answers]

    def crash(self, server: subprocess.Popen[bytes], crowd: Crowd) -> tuple[subprocess.Popen[bytes], list[float]]:
        """Kill the server with its children, start it again, and wait for everybody; the seconds from the first answer to each."""
        crowd.say("expect_restart")
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        again = start(self.command, self.environment, ACTS_PORT)
        answering = time.time()
        back = crowd.say("all_back")
        if back["failed"] or back["clients"] != self.members + SCREENS:
            self.failures.append(f"resync: {back['clients']} came back, refused {back['failed'][:5]}")
        return again, [at - answering for at in back["at"]]

    def memory_mb(self, server: subprocess.Popen[bytes]) -> int:
        """What the server and its children hold."""
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in [str(server.pid), *children]]
        return sum(int(line.split()[1]) for text in statuses for line in text.splitlines() if line[:6] == "VmRSS:") // 1024


class Table:
    """What was measured, as it stands in docs/performance-meeting.md."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.load_before = os.getloadavg()[0]

    def add(self, members: int, name: str, figures: dict[str, float], beside: dict[str, float] | None = None) -> None:
        """One line, shown at once too."""
        show(name, figures, beside)
        cells = [f"{figures[key]:,.0f}" for key in ("p50", "p95", "last")]
        ratio = f"{figures['p95'] / beside['p95']:.2f} x" if beside else ""
        self.rows.append(f"| {members:,} | {name} | {' | '.join(cells)} | {ratio} |")

    def __str__(self) -> str:
        load = f"Load of the machine {self.load_before:.1f} before and {os.getloadavg()[0]:.1f} after; milliseconds."
        head = ["| members | | p50 | p95 | last | p95 of bare |", "|---|---|---|---|---|---|"]
        return "\n".join(["", load, "", *head, *self.rows])


def measure(members: int, rounds: int, window_s: float, table: Table, *, only_ballots: bool) -> list[str]:
    """Measure a meeting of one size; what went wrong."""
    print(f"\n{members} members, {SCREENS} screens, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="khonggiay-bench-") as folder:
        meeting = Measured(members, rounds, window_s, Path(folder))
        server = start(meeting.command, meeting.environment, ACTS_PORT)
        try:
            with meeting.crowd() as crowd:
                time.sleep(SETTLE_S)
                told = {} if only_ballots else tell(meeting, crowd)
                for vote_id in meeting.room.votes[-3:]:
                    table.add(members, f"ballots in {window_s:g} s", quantiles(meeting.ballots(crowd, vote_id)))
                print(f"    {'memory of the server':<34}{meeting.memory_mb(server):6} MB")
                if not only_ballots:
                    server, back = meeting.crash(server, crowd)
                    table.add(members, "back after `kill -9`", quantiles(back))
        finally:
            server.terminate()
            server.wait(20)
            meeting.room.database.close()
    for name, (seconds, size) in told.items():
        base = quantiles(bare(members, size, rounds))
        table.add(members, f"bare emit of {size:,} bytes", base)
        table.add(members, name, quantiles(seconds), base)
    return meeting.failures


def tell(meeting: Measured, crowd: Crowd) -> dict[str, tuple[list[float], int]]:
    items = meeting.told(crowd, meeting.items(), "item_taken_up")
    votes = meeting.told(crowd, meeting.votes(), "vote_opened")
    return {"item taken up": items, "vote opened": votes}


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--members", type=int, nargs="+", default=[200, 500, 1000])
    reader.add_argument("--rounds", type=int, default=ROUNDS)
    reader.add_argument("--window", type=float, default=3.0, help="seconds in which all ballots come")
    reader.add_argument("--only-ballots", action="store_true")
    asked = reader.parse_args()
    allow_many_files()
    table = Table()
    failures = [
        f"{members}: {failure}"
        for members in asked.members
        for failure in measure(members, asked.rounds, asked.window, table, only_ballots=asked.only_ballots)
    ]
    print(table)
    print("\n".join(["", *failures[:20]]) if failures else "\nnothing lost, nothing doubled, everybody back")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
