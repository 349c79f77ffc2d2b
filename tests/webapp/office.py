"""An office in use, for tests that walk through the whole of it: the demo, and beside it a union that has one of everything for itself.

Whatever belongs to the union, or to one person, bears words of its own, so that a test can see who met them.
"""

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from domain.ground import clock
from domain.meetings.meetings import Part
from domain.meetings.running_order import Doubt
from domain.people.access import Access
from domain.people.roles import Role
from khonggiay.demo import demo
from search.whoosh_index import WhooshIndex
from storage.archive.texts import books_of, texts_of
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.meetings.ballots import Vote
from storage.meetings.meetings import GuestItem, Meeting, Participant
from storage.meetings.tasks import Conclusion, Task
from storage.people.people import People, Seat, SignIns
from storage.people.units import Units
from tests.once import hash_cheaply, templates
from tests.prepared import copied
from tests.signing import PASSWORD as KEY_PASSWORD
from tests.signing import make_keys
from tests.webapp.archive.papers import carry_into_index, put
from tests.webapp.conftest import as_read
from webapp.app import create_app
from webapp.ground.access import COOKIE
from webapp.ground.system import System

SURE = [doubt.value for doubt in Doubt]  # the questions that are asked before a step, answered
MORNING = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # a Wednesday, 8:00 there
CLERK, LEADER = "vt.pleiku", "ct.pleiku"  # of the union

# login: name, roles, unit of the seat
OF_THE_UNION: dict[str, tuple[str, set[Role], str]] = {
    CLERK: ("Văn thư Pleiku", {Role.CLERK}, "CD-PLEIKU"),
    LEADER: ("Chủ tịch Pleiku", {Role.LEADER, Role.MEMBER}, "CD-PLEIKU"),
    "uv.pleiku": ("Ủy viên Pleiku", {Role.MEMBER}, "CD-PLEIKU"),
    "khach.pleiku": ("Khách Pleiku", {Role.MEMBER}, ""),
    "khach": ("Khách một mục", {Role.MEMBER}, ""),  # of the province's meetings
    "khongvai": ("Không Vai Trò", set(), "CD-TUYPHUOC"),
}
EVERYBODY = [
    "nobody", "khongvai", "quantri", "luutru", "vanthu", "canbo", "chutich", "uyvien", "quynhon", "khach", *list(OF_THE_UNION)[:4],
]  # fmt: skip
DRAFT = {
    "kind": "Kế hoạch", "signer_title": "CHỦ TỊCH", "recipients": "Các CĐCS", "direction": "down", "urgency": "", "body": "Nội dung.",
    "attestation": "y",
}  # fmt: skip


def pdf(mark: object) -> bytes:
    """A page, as a PDF; each mark gives other bytes."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n%% " + str(mark).encode()
        + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )  # fmt: skip


@dataclass
class Office:
    """A running installation, a client of everybody, and the ids of what was made."""

    app: Flask
    system: System
    people: dict[str, int]
    units: dict[str, int]
    clients: dict[str, FlaskClient]
    made: dict[tuple[str, str], list[int]] = field(
        default_factory=dict
    )  # by whose it is, and the argument of addresses that names it

    def send(self, who: str, path: str, **data: Any) -> str:
        """Have somebody send a form, which is taken; where it leads."""
        answer = self.clients[who].post(path, data=as_read(self.app, path, data), content_type="multipart/form-data")
        assert answer.status_code in (200, 204, 303), (
            who,
            path,
            answer.status_code,
            re.findall(r'error"[^>]*>([^<]+)', answer.text),
        )
        return answer.location or ""

    def make(self, who: str, path: str, **data: Any) -> int:
        """Have somebody make something by a form; its id."""
        return int(re.findall(r"/(\d+)", self.send(who, path, **data))[-1])

    def keep(self, whose: str, argument: str, number: int) -> int:
        """Note what was made; its id."""
        self.made.setdefault((whose, argument), []).append(number)
        return number

    def whose(self, arguments: dict[str, Any]) -> str:
        """Whose the thing is that an address names: "province", "union", or "" if that is not known."""
        told = (whose for (whose, argument), ids in self.made.items() if arguments.get(argument) in ids)
        return next(told, "")

    def send_on(self, who: str, path: str, *steps: str) -> None:
        """Have somebody press one button after the other."""
        for step in steps:
            self.send(who, f"{path}/{step}", sure=SURE)


def open_office(folder: Path, migrated: Path) -> Office:
    """The demo as an installation, with the people of the union and of the meetings, all signed in."""
    database, objects = copied(migrated, folder), FolderObjects(folder / "objects")
    keys = make_keys(folder / "keys", valid_from=MORNING - timedelta(days=30))
    settings = Settings(
        environment="test",
        data_dir=folder,
        signing_key=keys.pkcs12,
        signing_password=KEY_PASSWORD,
        public_url="http://localhost",
    )
    with pytest.MonkeyPatch.context() as monkeypatch:
        hash_cheaply(monkeypatch)
        monkeypatch.setattr(demo, "sign_directives", lambda *_stores: None)
        monkeypatch.setattr(demo, "scan", lambda *paper: [(f"{paper[0]}.pdf", b"%PDF-1.4 " + paper[0].encode())])
        demo.load(settings, database, objects)
    with database.writing() as session:
        units = {unit.code: unit.id for unit in Units(session).all()}
        for login, (name, roles, code) in OF_THE_UNION.items():
            person = People(session).add(login, name, frozenset(roles))
            if code:
                person.seats.append(Seat(unit_id=units[code], title="Cán bộ", valid_from=date(2025, 7, 1)))
        session.flush()
        people = {person.login: person.id for person in People(session).all()}
    system = System(settings, database, objects, WhooshIndex(settings.index_dir, texts_of(database), books_of(database)))
    app = create_app(system)
    app.jinja_env.bytecode_cache = templates
    app.config.update(WTF_CSRF_ENABLED=False)
    clients = {login: client_of(app, database, login) for login in EVERYBODY}
    return Office(app, system, people, units, clients)


def client_of(app: Flask, database: Database, login: str) -> FlaskClient:
    """A browser in which that person is signed in, or nobody."""
    client = app.test_client()
    if login != "nobody":
        with database.writing() as session:
            person = People(session).named(login)
            person.must_change_password = False
            token = SignIns(session).start(person, lasting=timedelta(hours=12), address="127.0.0.1", device="test")
        client.set_cookie(COOKIE, token)
    return client


def furnish(office: Office) -> None:
    """Have people do their work until there is one of everything."""
    for argument, ids in (("meeting_id", (1, 2, 3)), ("body_id", (1, 2)), ("task_id", (1, 2))):  # of the demo
        office.made["province", argument] = list(ids)
    _directives(office)
    _incoming(office)
    _papers(office)
    _meetings(office)
    _rounds(office)
    office.send("uyvien", "/account/data", wish="correct", text="Xin sửa tên")
    office.send("vanthu", "/directives/closings", period="2025-H1", signer_title="Chủ tịch", signer="Ai")


def _draft(office: Office, who: str, signer: str, unit: str, words: str) -> int:
    return office.make(
        who, "/directives/drafts/new", **DRAFT, abstract=words, unit=office.units[unit], signer=office.people[signer],
        file=(io.BytesIO(pdf(words)), "du-thao.pdf"),
    )  # fmt: skip


def _directives(office: Office) -> None:
    """For union and province a document at each step of its life; the one that was issued has gone to Quy Nhơn and the province."""
    for whose, who, signer, unit in (("union", CLERK, LEADER, "CD-PLEIKU"), ("province", "vanthu", "chutich", "LDLD-GL")):
        ids = []
        for place, step in enumerate(("draft", "submitted", "approved", "numbered", "signed", "issued")):
            paper = _draft(office, who, signer, unit, f"BÍ-{whose}-{step}")
            ids.append(paper)
            office.keep(whose, "outgoing_id", paper)
            if place >= 1:
                office.send(who, f"/directives/{paper}/submit")
            if place >= 2:
                office.send(signer, f"/directives/{paper}/approve")
            if place >= 3:
                office.send(who, f"/directives/{paper}/number", dated=clock.today().isoformat(), symbol="")
            if place >= 4:
                office.send(who, f"/directives/{paper}/sign", manner="paper")
        with office.system.database.writing() as session:  # as if the worker had looked at them
            session.execute(text("UPDATE documents SET standing = 'read', page_count = 1 WHERE circle = 'registers'"))
        to = [office.units["CD-QUYNHON"], office.units["CD-PLEIKU" if whose == "province" else "LDLD-GL"]]
        office.send(who, f"/directives/{ids[-1]}/issue", channel="system", paper="no", to=to, due="")
        office.send(
            who, f"/directives/{ids[-1]}/evidence/add", kind="receipt", attestation="y",
            file=(io.BytesIO(pdf(f"biên nhận {whose}")), "bien-nhan.pdf"),
        )  # fmt: skip


def _incoming(office: Office) -> None:
    for whose, who, unit, given in (
        ("union", CLERK, "CD-PLEIKU", f"person:{office.people[LEADER]}"),
        ("province", "vanthu", "LDLD-GL", ""),
    ):
        entry = office.make(
            who, "/directives/incoming/new", unit=office.units[unit], arrived_on=clock.today().isoformat(), author="Đảng ủy",
            abstract=f"BÍ-ĐẾN-{whose}", written_number="9/CV", urgency="", given_to=given, form_key=whose,
        )  # fmt: skip
        office.keep(whose, "incoming_id", entry)
    register = "so;ky_hieu;ngay_vb;loai;trich_yeu\n901;KH-X;06/01/2026;Kế hoạch;BÍ-NHẬP\n902;KH-X;xx;Kế hoạch;BÍ-NHẬP\n"
    brought = office.make(
        CLERK, "/directives/imports/new", unit=office.units["CD-PLEIKU"], register="outgoing", year="2026",
        file=(io.BytesIO(register.encode()), "so.csv"),
    )  # fmt: skip
    office.keep("union", "import_id", brought)


def _papers(office: Office) -> None:
    """Papers of the archive: open, restricted to nobody in particular, restricted to the union, and set aside for a mark."""
    database, objects = office.system.database, office.system.objects
    assert isinstance(objects, FolderObjects)
    pages = ["Kế hoạch công đoàn"]
    restricted: dict[str, Any] = {"access": Access.RESTRICTED}
    office.keep("province", "document_id", put(database, objects, "mo.pdf", pages))
    office.keep("province", "document_id", put(database, objects, "BÍ-TỜ-tỉnh.pdf", pages, **restricted))
    of_union = put(database, objects, "BÍ-TỜ-union.pdf", pages, unit_id=office.units["CD-PLEIKU"], **restricted)
    office.keep("union", "document_id", of_union)
    carry_into_index(office.system)
    for name in ("BÍ-DẤU.pdf", "hủy.pdf"):
        marked = office.keep("province", "document_id", put(database, objects, name, pages))
        office.send("luutru", f"/archive/set-aside/{marked}/withhold", reason="Có dấu", checked="y")
    office.send("luutru", f"/archive/set-aside/{marked}/destroy", reason="Có dấu", checked="y")


def _meeting(office: Office, title: str, body: int, *, days: int = 0) -> int:
    day = clock.today() + timedelta(days=days)
    meeting = office.make(
        CLERK, "/meetings/new", body=body, kind="regular", title=title, place="Phòng 1", chair=office.people[LEADER],
        secretary=office.people[CLERK],
        reminder_hours="24", repeat="", day_1=day.isoformat(), starts_1="08:12", ends_1="23:30", link="https://meet.example/x",
    )  # fmt: skip
    office.keep("union", "meeting_id", meeting)
    for item in (f"{title} mục công khai", f"{title} mục riêng"):
        office.send(
            CLERK, f"/meetings/{meeting}/agenda/items", title=item, kind="discussion", minutes="20", presenter="", sitting=""
        )
    return meeting


def _items(office: Office, meeting: int) -> list[int]:
    with office.system.database.reading() as session:
        return [item.id for item in session.get_one(Meeting, meeting).items]


def _meetings(office: Office) -> None:
    """Meetings of the union: a draft, one that was called, one that is open, and one that is over; and votes of the province."""
    body = office.make(
        CLERK, "/bodies/new", name="Ban Thường vụ Pleiku", valid_from="2025-07-01", valid_to="", unit=office.units["CD-PLEIKU"]
    )
    office.keep("union", "body_id", body)
    for position, who in enumerate((LEADER, "uv.pleiku", CLERK), start=1):
        office.send(
            CLERK, f"/bodies/{body}/members/new", person=office.people[who], title="Ủy viên", position=position, has_vote="y",
            valid_from="2025-07-01",
        )  # fmt: skip
    office.send(
        CLERK, f"/bodies/{body}/rules/new", valid_from="2025-07-01", source="Quy chế", quorum_parts=1, quorum_of=2,
        quorum_base="members", majority_is_more_than="yes", majority_parts=1, majority_of=2, majority_base="members",
        allows_secret_ballots="y", allows_late_voters="y",
    )  # fmt: skip
    _meeting(office, "HỌP-NHÁP", body, days=9)
    _called(office, body)
    for title in ("HỌP-MỞ", "HỌP-XONG"):
        meeting = _meeting(office, title, body)
        _begin(office, meeting)
    _hold(office, meeting)
    _of_the_province(office)


def _called(office: Office, body: int) -> None:
    meeting = _meeting(office, "HỌP-TỚI", body, days=3)
    first, second = _items(office, meeting)
    at = f"/meetings/{meeting}"
    office.send(
        CLERK, f"{at}/participants", person=office.people["khach.pleiku"], title="Khách", part="guest", items=[str(first)]
    )
    office.send(CLERK, f"{at}/convene")
    for item in (first, second, ""):
        office.send(
            CLERK, f"{at}/papers", title="TÀI-LIỆU-BÍ", item=str(item), attestation="y",
            file=(io.BytesIO(b"PK\x03\x04 word " + str(item).encode()), "to-trinh.docx"),
        )  # fmt: skip
    office.send(
        CLERK, f"{at}/votes/new", item=first, kind="named", question="BIỂU-QUYẾT-TỚI", options="", seats="1", means="electronic"
    )
    office.send("uv.pleiku", f"{at}/opinions/items/{first}", text="Ý-KIẾN-RIÊNG")
    office.send(CLERK, f"{at}/rehearsal")


def _begin(office: Office, meeting: int) -> None:
    """It is convened and opened, everybody comes, the first item is taken up, and two votes are prepared."""
    at, first = f"/meetings/{meeting}", _items(office, meeting)[0]
    office.send(CLERK, f"{at}/convene")
    office.send(LEADER, f"{at}/open", sure=SURE)
    for who in ("uv.pleiku", CLERK, LEADER):
        office.send(who, f"{at}/check-in", presence="online")
    office.send(LEADER, f"{at}/items/{first}/take-up")
    _prepare_votes(office, CLERK, at, first, "BIỂU-QUYẾT-")
    office.send("uv.pleiku", f"{at}/floor", kind="speech", client_id="c1")
    secret = _votes(office, meeting)[0]
    office.send(LEADER, f"{at}/votes/{secret}/open", seconds="0", sure=SURE)
    office.send("uv.pleiku", f"{at}/votes/{secret}/ballot", choice="for", ballot_id=f"b-{meeting}")
    office.send(LEADER, f"{at}/votes/{secret}/close", sure=SURE)


def _prepare_votes(office: Office, who: str, at: str, item: int, question: str) -> None:
    """One secret and one by name."""
    for kind in ("secret", "named"):
        put = {"item": item, "kind": kind, "question": f"{question}{kind}", "options": "", "seats": "1", "means": "electronic"}
        office.send(who, f"{at}/votes/new", **put)


def _votes(office: Office, meeting: int) -> list[int]:
    with office.system.database.reading() as session:
        return list(session.scalars(select(Vote.id).where(Vote.meeting_id == meeting).order_by(Vote.id)))


def _hold(office: Office, meeting: int) -> None:
    """The second vote too, what was concluded, a task, the close, and minutes as a draft."""
    at, (secret, named) = f"/meetings/{meeting}", _votes(office, meeting)
    office.send(LEADER, f"{at}/votes/{secret}/publish", sure=SURE)
    office.send(LEADER, f"{at}/votes/{named}/open", seconds="0", sure=SURE)
    office.send("uv.pleiku", f"{at}/votes/{named}/ballot", choice="for", ballot_id="b-named")
    office.send_on(LEADER, f"{at}/votes/{named}", "close", "publish")
    office.send(LEADER, f"{at}/close", sure=SURE)
    office.send(CLERK, f"{at}/minutes/draft")
    office.send(CLERK, f"{at}/conclusions", text="KẾT-LUẬN-BÍ", item="", vote="")
    with office.system.database.reading() as session:
        conclusion = session.scalar(select(Conclusion.id).where(Conclusion.meeting_id == meeting))
    office.send(
        CLERK, f"{at}/conclusions/{conclusion}/tasks", title="NHIỆM-VỤ-BÍ", owner=str(office.people["uv.pleiku"]), unit="",
        due_on=(clock.today() + timedelta(days=5)).isoformat(),
    )  # fmt: skip
    with office.system.database.reading() as session:
        office.keep("union", "task_id", session.scalars(select(Task.id).order_by(Task.id.desc())).first() or 0)


def _of_the_province(office: Office) -> None:
    """Somebody is a guest of one item in each of its meetings; the open one has a vote that is over and one to come."""
    with office.system.database.writing() as session:
        for meeting_id, place in ((1, 4), (2, 1), (3, 1)):
            meeting = session.get_one(Meeting, meeting_id)
            invited = [GuestItem(item_id=meeting.items[place].id)]
            meeting.participants.append(
                Participant(
                    person_id=office.people["khach"], name="Khách một mục", part=Part.GUEST, position=99, guest_items=invited
                )
            )
    at, first = "/meetings/2", _items(office, 2)[0]
    _prepare_votes(office, "canbo", at, first, "BQ-TỈNH-")
    secret = _votes(office, 2)[-2]
    office.send("chutich", f"{at}/votes/{secret}/open", seconds="0", sure=SURE)
    office.send(
        "canbo", "/meetings/1/papers", title="NHÁP-TỈNH", item="", attestation="y",
        file=(io.BytesIO(b"PK\x03\x04 word x"), "nhap.docx"),
    )  # fmt: skip
    office.send("uyvien", f"/meetings/1/opinions/items/{_items(office, 1)[0]}", text="Ý-KIẾN-UV")
    note = {"page": 1, "colour": "yellow", "boxes": [], "text": "GHI-CHÚ-UV"}
    kept = office.clients["uyvien"].post("/meetings/1/papers/1/versions/1/notes/11111111-aaaa", json=note)
    assert kept.status_code == 200, kept.text


def _rounds(office: Office) -> None:
    """Opinions asked for in writing, by the union and by the province."""
    deadline = (clock.now() + timedelta(days=3, hours=7)).strftime("%Y-%m-%dT%H:%M")
    asked = office.make(
        CLERK, "/opinion-rounds", body=office.made["union", "body_id"][0], question="HỎI-BÍ", explanation="x", deadline=deadline,
        officer=office.people[CLERK], file=(io.BytesIO(pdf("hỏi")), "hoi.pdf"), attestation="y",
    )  # fmt: skip
    office.keep("union", "round_id", asked)
    office.send("uv.pleiku", f"/opinion-rounds/{asked}/answer", answer="other", words="LỜI-RIÊNG")
    of_province = office.make(
        "vanthu", "/opinion-rounds", body=1, question="HỎI-TỈNH", explanation="x", deadline=deadline, officer=office.people["vanthu"]
    )  # fmt: skip
    office.keep("province", "round_id", of_province)
