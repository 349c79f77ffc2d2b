"""Cut, repeat and kill at random while people vote, and prove afterwards that no ballot was lost, none counted twice, every receipt true.

    python bench/ballots.py --votes 50 --voters 25 --kills 60

The server is the real one, in a process of its own, killed with SIGKILL at random moments and started again. Each voter does what
static/js/ballot.js does: keeps the id of the ballot, sends it, and when the answer is lost asks how the vote stands until answered, then
sends the same ballot again. On the way connections are reset before, within and after a request, the same ballot is sent twice at once,
and a second device of the same voter sends another one. In votes by name a secretary notes raised hands of the same voters meanwhile,
puts them right and takes them back: a hand never stands against its owner's ballot. Every third vote is closed while ballots are on their
way. Every other vote is secret. Exit status 1 if anything is lost, doubled or untrue.
"""

import argparse
import http.client
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import select

from bench.meeting import Room, furnish
from bench.meeting import start as start_server
from domain.meetings.voting import Answer, VoteKind, VoteState
from khonggiay.programs import web_command
from storage.ground.settings import Settings
from storage.meetings.ballots import NamedBallot, RollEntry, SecretBallot, Vote
from storage.meetings.votes import Votes

TROUBLES = ("half", "reset", "late", "twice", "other", "none")
WITHIN_S = 20.0
SURE = {"close": "not_all_voted", "publish": "no_ballots"}  # what a press sends that knows what would be asked
CHOICES = [answer.value for answer in Answer]


class Lost(Exception):
    """No answer came."""


class Server:
    """The web program, which may be killed and comes back."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.kills, self._command = (
            settings,
            0,
            web_command(),
        )  # which also tells those it starts where our source is
        self._environment = {
            **os.environ, "KHONGGIAY_DATA_DIR": str(settings.data_dir), "KHONGGIAY_ENVIRONMENT": "test",
            "KHONGGIAY_PORT": str(settings.port), "KHONGGIAY_DATABASE_URL": settings.database_url,
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = start_server(self._command, self._environment, self.settings.port)

    def kill(self) -> None:
        """Take the power from it and from all it has started."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def be_killed(self, times: int, dice: random.Random) -> None:
        """Die that many times at random moments, the first while the ballots of a vote are coming in."""
        for _ in range(times):
            time.sleep(dice.uniform(0, 0.8))
            self.kill()
            self.kills += 1
            self.start()


@dataclass
class Line:
    """What one voter knows of one vote: the ballots sent from all devices, and every receipt."""

    sent: dict[str, str] = field(default_factory=dict)  # id -> choice
    receipts: set[str] = field(default_factory=set)  # ids
    was_refused: bool = False  # the vote was closed before any of them arrived


class Hall:
    """The voters, the chair and the ledger of what happened to them."""

    def __init__(self, room: Room, port: int, dice: random.Random) -> None:
        self.room, self.port, self.dice = room, port, dice
        self.troubles: Counter[str] = Counter()
        self.lines: dict[tuple[int, int], Line] = {}  # vote, number of the member
        self.statuses: Counter[int] = Counter()
        self.hands: dict[tuple[int, int], set[str]] = {}  # what a secretary may have noted: vote, number of the member

    def request(self, cookie: str, path: str, form: dict[str, str] | None = None) -> bytes:
        """The bytes of a request."""
        body = urlencode({**form, "csrf_token": self.room.csrf}).encode() if form is not None else b""
        head = [
            f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Cookie: {cookie}",
            "Accept: application/json", "X-Live: 1", "Connection: close",
            "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}",
        ]  # fmt: skip
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body

    def say(self, data: bytes) -> tuple[int, Any]:
        """Send a whole request and read its answer; raises Lost."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=WITHIN_S) as wire:
                wire.sendall(data)
                answer = http.client.HTTPResponse(wire)
                answer.begin()
                said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost from error
        self.statuses[answer.status] += 1
        return answer.status, json.loads(said) if said.startswith(b"{") else None

    def insist(self, data: bytes) -> tuple[int, Any]:
        """Send it until it is answered."""
        while True:
            try:
                status, said = self.say(data)
            except Lost:
                time.sleep(self.dice.uniform(0.05, 0.3))
                continue
            if status < 500:
                return status, said
            time.sleep(0.1)

    def cut(self, data: bytes, trouble: str) -> None:
        """Send some or all of it and break the connection without reading, with a reset."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=WITHIN_S) as wire:
                wire.sendall(data[: self.dice.randrange(1, len(data))] if trouble == "half" else data)
                if trouble == "late":
                    time.sleep(self.dice.uniform(0, 0.03))
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # the server was dead as it was

    def cast(self, vote: int, member: int) -> None:
        """Do what the device of a member does, with whatever befalls it, until the ballot is known to be in or refused."""
        line = self.lines[vote, member] = Line()
        address, cookie = f"/meetings/{self.room.meeting_id}/votes/{vote}", self.room.members[member]
        time.sleep(self.dice.uniform(0, 0.5))
        own = self._ballot(line)
        while True:
            trouble = self.dice.choice(TROUBLES)
            self._send(line, address, cookie, own, trouble)
            _status, mine = self.insist(self.request(cookie, f"{address}/mine"))
            if mine["voted"]:
                line.receipts.add(mine["ballot"])
                return
            if mine["state"] != "open":
                line.was_refused = True
                return

    def _ballot(self, line: Line) -> dict[str, str]:
        ballot = {"ballot_id": str(uuid.uuid4()), "choice": self.dice.choice(CHOICES)}
        line.sent[ballot["ballot_id"]] = ballot["choice"]
        return ballot

    def _send(self, line: Line, address: str, cookie: str, own: dict[str, str], trouble: str) -> None:
        self.troubles[trouble] += 1
        data = self.request(cookie, f"{address}/ballot", own)
        if trouble in ("half", "reset", "late"):
            return self.cut(data, trouble)
        at_once = [data]
        if trouble == "twice":
            at_once = [data, data]
        elif trouble == "other":
            at_once.append(self.request(cookie, f"{address}/ballot", self._ballot(line)))
        with ThreadPoolExecutor(len(at_once)) as devices:
            for told in devices.map(self._receipt, at_once):
                if told:
                    line.receipts.add(told)
        return None

    def _receipt(self, data: bytes) -> str | None:
        try:
            status, said = self.say(data)
        except Lost:
            return None
        return str(said["ballot"]) if status == 200 else None

    def note_hands(self, vote: int, members: list[int]) -> None:
        """The tablet of a secretary: hands of members (ids of participants) are noted, put right and taken back while they vote."""
        for _ in range(2 * len(members)):
            number, choice = self.dice.randrange(len(members)), self.dice.choice(CHOICES)
            step = "hands/back" if self.dice.random() < 0.3 else "hands"
            if step == "hands":
                self.hands.setdefault((vote, number), set()).add(choice)
            form = {"act_id": str(uuid.uuid4()), "participant": str(members[number]), "choice": choice, "sure": "on_device"}
            try:
                self.say(self.request(self.room.screen, f"/meetings/{self.room.meeting_id}/votes/{vote}/{step}", form))
            except Lost:
                self.troubles["reset"] += 1
            time.sleep(self.dice.uniform(0, 0.1))

    def lead(self, vote: int, step: str) -> None:
        """The chair's press, repeated under its key until it is answered."""
        form = {"act_id": str(uuid.uuid4()), "sure": SURE.get(step, "")}
        address = f"/meetings/{self.room.meeting_id}/votes/{vote}/{step}"
        status, said = self.insist(self.request(self.room.chair, address, form))
        if status != 204:
            raise SystemExit(f"{step}: {status} {said}")

    def hold(self, vote: int, *, closes_early: bool) -> None:
        """One open vote to its publication."""
        by_name = _named_roll(self.room, vote)
        with ThreadPoolExecutor(len(self.room.members) + 1) as members:
            noting = members.submit(self.note_hands, vote, by_name) if by_name else None
            casting = [members.submit(self.cast, vote, number) for number in range(len(self.room.members))]
            if closes_early:
                time.sleep(self.dice.uniform(0.1, 0.6))
                self.lead(vote, "close")
            for one in (*casting, *([noting] if noting else [])):
                one.result()
        if not closes_early:
            self.lead(vote, "close")
        self.lead(vote, "publish")


def _named_roll(room: Room, vote: int) -> list[int]:
    """The ids of the participants on the roll of a vote by name, in its order; nobody's of a secret one."""
    with room.database.reading() as session:
        found = session.get_one(Vote, vote)
        return [] if found.is_secret else [entry.participant_id for entry in Votes(session).roll(found)]


def judge(hall: Hall, vote_id: int) -> list[str]:
    """What is wrong with a vote, by the database and by what its voters were told."""
    with hall.room.database.reading() as session:
        votes = Votes(session)
        vote = votes.get(vote_id)
        roll = sorted(votes.roll(vote), key=lambda entry: entry.position)
        named = {
            one.participant_id: one.choice for one in session.scalars(select(NamedBallot).where(NamedBallot.vote_id == vote_id))
        }
        secret = list(session.scalars(select(SecretBallot.choice).where(SecretBallot.vote_id == vote_id)))
        problems = [] if vote.state is VoteState.PUBLISHED else [f"vote {vote_id} is {vote.state}"]
        expected = []
        for entry in roll:
            if (entry.client_ballot_id or "").startswith("hand-"):
                problems += _of_hand(hall, entry, named)
                expected.append(named[entry.participant_id][0])
                continue
            problems += _of_voter(vote, entry, hall.lines[vote_id, entry.position], named)
            if entry.voted:
                expected.append(hall.lines[vote_id, entry.position].sent.get(entry.client_ballot_id or "", "?"))
        kept = [choice[0] for choice in (secret if vote.is_secret else named.values())]
        if Counter(kept) != Counter(expected):
            problems.append(f"vote {vote_id}: kept {Counter(kept)}, sent {Counter(expected)}")
        if votes.tally(vote).counts != {key: expected.count(key) for key in CHOICES}:
            problems.append(f"vote {vote_id}: the tally is not that of its ballots")
        return problems


def _of_hand(hall: Hall, entry: RollEntry, named: dict[int, list[str]]) -> list[str]:
    """A hand may stand only for somebody who was never told that a ballot is in, and only as a secretary noted it."""
    who, line = f"vote {entry.vote_id}, voter {entry.position}", hall.lines[entry.vote_id, entry.position]
    problems = [f"{who}: was told {line.receipts}, and a hand stands there"] if line.receipts else []
    if named[entry.participant_id][0] not in hall.hands.get((entry.vote_id, entry.position), set()):
        problems.append(f"{who}: a hand stands there that nobody noted")
    return problems


def _of_voter(vote: Vote, entry: RollEntry, line: Line, named: dict[int, list[str]]) -> list[str]:
    who, problems = f"vote {vote.id}, voter {entry.position}", []
    if line.receipts and line.receipts != {entry.client_ballot_id}:
        problems.append(f"{who}: was told {line.receipts}, kept {entry.client_ballot_id}")
    if entry.voted and line.was_refused:
        problems.append(f"{who}: was told that no ballot had come, and one is there")
    if not entry.voted and not line.was_refused:
        problems.append(f"{who}: a ballot was lost")
    if entry.voted and not vote.is_secret and named.get(entry.participant_id) != [line.sent.get(entry.client_ballot_id or "")]:
        problems.append(f"{who}: another choice was kept than was sent")
    return problems


def make_every_other_secret(room: Room) -> None:
    with room.database.writing() as session:
        for vote_id in room.votes[::2]:
            vote = session.get_one(Vote, vote_id)
            Votes(session).change(vote, kind=VoteKind.SECRET, question=vote.question)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--votes", type=int, default=50)
    parser.add_argument("--voters", type=int, default=25)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--database", default="", help="the URL of an empty database; SQLite in a scratch folder by default")
    wanted = parser.parse_args()
    dice = random.Random(wanted.seed)
    with tempfile.TemporaryDirectory(prefix="ballots-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = Settings(environment="test", data_dir=Path(folder), port=port)
        if wanted.database:
            settings = Settings(environment="test", data_dir=Path(folder), port=port, database_url=wanted.database)
        room = furnish(settings, wanted.voters, wanted.votes)
        make_every_other_secret(room)
        sys.exit(run(settings, Hall(room, port, dice), wanted.kills, dice))


def run(settings: Settings, hall: Hall, kills: int, dice: random.Random) -> int:
    """Hold all votes while the server dies, then judge; 1 if anything is wrong."""
    server, begun = Server(settings), time.monotonic()
    server.start()
    try:
        for number, vote in enumerate(hall.room.votes):
            times = kills * (number + 1) // len(hall.room.votes) - kills * number // len(hall.room.votes)
            killer = threading.Thread(target=server.be_killed, args=(times, random.Random(dice.random())))
            hall.lead(vote, "open")
            killer.start()
            hall.hold(vote, closes_early=number % 3 == 2)
            killer.join()
    finally:
        server.kill()
    problems = [problem for vote in hall.room.votes for problem in judge(hall, vote)]
    tell(hall, server.kills, time.monotonic() - begun, problems)
    return 1 if problems else 0


def tell(hall: Hall, kills: int, seconds: float, problems: list[str]) -> None:
    cuts = sum(hall.troubles[name] for name in ("half", "reset", "late"))
    doubled = hall.troubles["twice"] + hall.troubles["other"]
    refused = sum(line.was_refused for line in hall.lines.values())
    print(
        f"votes {len(hall.room.votes)}, ballots {len(hall.lines)}: kept {len(hall.lines) - refused}, refused after the close {refused}"
    )
    print(f"disconnects {cuts}, duplicates {doubled}, kills {kills}; together {cuts + doubled + kills}, in {seconds:.0f} s")
    print(f"hands of {len(hall.hands)} voters noted, put right and taken back meanwhile")
    print(f"answers {dict(sorted(hall.statuses.items()))}")
    print("\n".join(problems) or "nothing lost, nothing counted twice, every receipt true")


if __name__ == "__main__":
    main()
