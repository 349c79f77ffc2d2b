"""An office after some years, in rows: what a demo holds, and so many more units, people, papers, register entries, meetings and acts.

Written by Core inserts, many rows a statement. Nothing comes into the folder of objects: papers in bulk name the files of the demo. Used by
bench/office.py and by tests/webapp/test_growth.py, which fills a small office and one four times as large.
"""

import json
import random
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, Self

from sqlalchemy import Connection, delete, func, insert, select, text

from domain.ground.vietnamese import fold
from domain.people.access import circle_of
from storage.ground.database import Database
from storage.tables import metadata

FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"]
MIDDLE = ["Văn", "Thị", "Hữu", "Minh", "Thanh", "Ngọc", "Quang", "Đức", "Xuân", "Kim"]
GIVEN = ["An", "Bình", "Châu", "Dung", "Giang", "Hà", "Hạnh", "Hiếu", "Hoa", "Hùng", "Khoa", "Lan", "Linh", "Long"]
KINDS = ["Quyết định", "Công văn", "Thông báo", "Kế hoạch", "Báo cáo", "Hướng dẫn", "Nghị quyết", "Chương trình", "Tờ trình"]
ABOUT = [
    "triển khai nhiệm vụ",
    "báo cáo kết quả",
    "kiểm tra công tác tài chính",
    "phối hợp chăm lo đoàn viên",
    "tổ chức hội nghị",
]
PROVINCE, QUY_NHON, CLERK, STAFF, OF_UNION, CHAIR, DEPUTY = 3, 10, 3, 4, 6, 7, 10  # ids of the demo
AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows come to those of the demo."""

    units: int = 1000
    people: int = 5000
    documents: int = 40_000
    record_files: int = 3000
    batches: int = 2000
    entries: int = 100_000  # of each of the two registers
    deliveries: int = 200_000
    meetings: int = 600
    tasks: int = 2000
    reports: int = 4000  # on indicators
    acts: int = 300_000  # in the audit trail
    sign_ins: int = 50_000

    def times(self, factor: int) -> Self:
        """So many times as large an office."""
        return type(self)(*(factor * one for one in astuple(self)))


class Filling:
    """What one filling knows of what it has written."""

    def __init__(self, connection: Connection, size: Size, until: date) -> None:
        self.connection, self.size, self.until = connection, size, until
        self.dice = random.Random(9)
        self.first = until - timedelta(days=7 * 365)
        self.units: list[int] = []
        self.people: dict[int, str] = {}
        self.documents: list[int] = []
        self.province_entries: list[tuple[int, date]] = []

    def put(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        """Insert them, many at once; columns that are not named take their defaults."""
        waiting = iter(rows)
        while some := list(islice(waiting, AT_ONCE)):
            self.connection.execute(insert(metadata.tables[table]), some)

    def last(self, table: str) -> int:
        """The highest number in a table."""
        return self.connection.scalar(select(func.coalesce(func.max(metadata.tables[table].c.id), 0))) or 0

    def rows(self, statement: str) -> list[Any]:
        return list(self.connection.execute(text(statement)))

    def day(self, place: int, whole: int) -> date:
        """The days of the years in their order, so that a register is numbered as time goes."""
        return self.first + timedelta(days=place * (self.until - self.first).days // max(1, whole))

    def at(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, self.dice.randrange(1, 10), self.dice.randrange(60), tzinfo=UTC)

    def name(self) -> str:
        return " ".join(self.dice.choice(part) for part in (FAMILY, MIDDLE, GIVEN))

    def abstract(self, place: int) -> str:
        return f"về {ABOUT[place % len(ABOUT)]} năm {2019 + place % 8} tại {self.dice.choice(GIVEN)} {self.dice.choice(GIVEN)}"


def fill(database: Database, size: Size, until: date) -> None:
    """Add so many rows to an office as the demo leaves it. `until` is its last day."""
    with database.writing() as session:
        one = Filling(session.connection(), size, until)
        for write in (
            _units,
            _people,
            _places,
            _documents,
            _meetings,
            _tasks,
            _outgoing,
            _deliveries,
            _incoming,
            _reports,
            _acts,
        ):
            write(one)


def _units(one: Filling) -> None:
    first, uppers = (
        one.last("units") + 1,
        [row.id for row in one.rows("SELECT id FROM units WHERE kind='upper' AND valid_to IS NULL")],
    )
    made: list[dict[str, Any]] = []
    for unit_id in range(first, first + one.size.units):
        is_upper = unit_id % 16 == 0
        made.append(
            {
                "id": unit_id,
                "code": f"X-{unit_id:04}",
                "name": f"Công đoàn {one.dice.choice(GIVEN)} {one.dice.choice(GIVEN)} {unit_id}",
                "kind": "upper" if is_upper else "grassroots",
                "valid_from": date(2005, 1, 1),
                "parent_id": PROVINCE if is_upper else QUY_NHON if unit_id % 16 == 1 else one.dice.choice(uppers),
            }
        )
        if is_upper:
            uppers.append(unit_id)
    one.put("units", made)
    one.units = [row["id"] for row in made]
    rule = {
        "valid_from": date(2005, 1, 1),
        "reset": "year",
        "series": "per_kind",
        "secret_series": "separate",
        "body_symbol": "CĐ",
    }
    one.put("numbering_rules", ({"unit_id": unit_id, **rule} for unit_id in one.units))


def _people(one: Filling) -> None:
    first = one.last("people") + 1
    ids = range(first, first + one.size.people)
    one.people = {person_id: one.name() for person_id in ids}
    one.put(
        "people",
        (
            {
                "id": key,
                "login": f"nguoi{key}@ldld.example",
                "name": name,
                "password_hash": "!" if key % 9 == 0 else "$x",
                "is_open": key % 8 > 0,
            }
            for key, name in one.people.items()
        ),
    )
    roles, titles = ("clerk", "leader", "member", "staff"), ("Văn thư", "Chủ tịch", "Ủy viên", "Cán bộ")
    one.put("person_roles", ({"person_id": key, "role": roles[key % 4]} for key in ids))
    one.put(
        "seats",
        (
            {"person_id": key, "unit_id": _seat_of(one, key), "title": titles[key % 4], "valid_from": date(2020, 1, 1)}
            for key in ids
        ),
    )
    one.put(
        "sign_ins",
        (
            {
                "token_sha256": sha256(f"s{n}".encode()).hexdigest(),
                "person_id": first + n % len(ids),
                "address": "10.0.0.1",
                "device": "Chrome",
                "started_at": at,
                "seen_at": at,
                "expires_at": at + timedelta(hours=12),
                "ended_at": at,
            }
            for n in range(one.size.sign_ins)
            for at in (one.at(one.day(n, one.size.sign_ins)),)
        ),
    )


def _seat_of(one: Filling, person_id: int) -> int:
    return one.units[person_id // 4 % len(one.units)]


def _places(one: Filling) -> None:
    fonds, catalogues = one.last("fonds") + 1, one.last("catalogues") + 1
    files, batches = one.last("record_files") + 1, one.last("batches") + 1
    one.put("fonds", [{"id": fonds, "code": "P99", "name": "Phông lớn", "years": "1989-2025"}])
    one.put(
        "catalogues",
        ({"id": catalogues + n, "fonds_id": fonds, "number": f"{n:02}", "title": f"Mục lục {n}"} for n in range(8)),
    )
    one.put(
        "record_files",
        (
            {
                "id": files + n,
                "catalogue_id": catalogues + n % 8,
                "number": f"{n:04}",
                "title": f"Hồ sơ {n} về {one.abstract(n)}",
                "pages": 70,
            }
            for n in range(one.size.record_files)
        ),
    )
    one.put(
        "batches",
        (
            {
                "id": batches + n,
                "source": "web",
                "person_id": 2,
                "created_at": one.at(one.day(n, one.size.batches)),
                "attested_by": "Trần Thị Lan",
                "attestation": "no-secrecy-mark/1",
                "record_file_id": files + n % one.size.record_files,
            }
            for n in range(one.size.batches)
        ),
    )


def _documents(one: Filling) -> None:
    first, batch, held = one.last("documents") + 1, one.last("batches"), one.last("record_files")
    original = one.rows("SELECT sha256, size, media_type FROM document_files LIMIT 1")[0]
    one.documents = list(range(first, first + one.size.documents))
    at = {key: one.at(one.day(key - first, one.size.documents)) for key in one.documents}
    pages = {key: 1 + key % 9 if key > first else max(8, one.size.documents // 20) for key in one.documents}
    in_batch = {key: batch - key % 2 if key % 3 == 0 else batch - key % one.size.batches for key in one.documents}
    one.put(
        "documents",
        (
            {
                "id": key,
                "fingerprint": sha256(f"d{key}".encode()).hexdigest(),
                "name": f"{key}.pdf",
                "page_count": pages[key],
                "standing": "read",
                "batch_id": in_batch[key],
                "record_file_id": held if key % 5 == 0 else held - key % one.size.record_files,
                "circle": _circle(one, key),
                "created_at": at[key],
                "changed_at": at[key],
                "access": "open",
            }
            for key in one.documents
        ),
    )
    one.put(
        "document_files",
        (
            {"document_id": key, "part": 1, "name": f"{key}.pdf", "page_count": pages[key], **original._mapping}
            for key in one.documents
        ),
    )
    one.put(
        "document_fields",
        (
            {
                "document_id": key,
                "name": name,
                "value": value,
                "page": 1,
                "confidence": 0.9,
                "confirmed_by_id": 2 if key % 3 == 0 else None,
            }
            for key in one.documents
            for name, value in _fields(one, key, at[key].date()).items()
        ),
    )
    one.put(
        "receipts",
        (
            {
                "batch_id": in_batch[key],
                "sequence": key,
                "name": f"{key}.pdf",
                "size": original.size,
                "sha256": original.sha256,
                "outcome": "kept",
                "document_id": key,
                "received_at": at[key],
            }
            for key in one.documents
        ),
    )
    one.put(
        "work",
        (
            {
                "document_id": key,
                "page": page,
                "state": "failed" if page and key % 40 == 0 else "done",
                "reason": "",
                "due_at": at[key],
                "finished_at": at[key],
            }
            for key in one.documents
            for page in range(pages[key] + 1)
        ),
    )
    one.put("pages", (_page(one, key, page, at[key]) for key in one.documents for page in range(1, pages[key] + 1)))


def _circle(one: Filling, document_id: int) -> str:
    """The last ones are papers of meetings, two of each."""
    place = document_id - one.documents[0] - (one.size.documents - 2 * one.size.meetings)
    return circle_of(one.last("meetings") + 1 + place // 2, None) if place >= 0 else ""


def _fields(one: Filling, key: int, day: date) -> dict[str, str]:
    return {
        "number": str(1 + key % 900),
        "symbol": "KH-LĐLĐ",
        "kind": KINDS[key % 9],
        "date": day.isoformat(),
        "issuer": "LIÊN ĐOÀN LAO ĐỘNG TỈNH GIA LAI" if key % 4 else "LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH",
        "abstract": one.abstract(key),
        "signer": one.name(),
        "signer_title": "CHỦ TỊCH",
    }


def _page(one: Filling, document_id: int, number: int, at: datetime) -> dict[str, Any]:
    said = f"Trang {number} của tài liệu {document_id} {one.abstract(number)}. " * 12
    words = [[word, 6000 * (n % 10), 3000 * (n // 10), 5000, 1500, 93, n // 10] for n, word in enumerate(said.split())]
    return {
        "document_id": document_id,
        "number": number,
        "source": "ocr",
        "text": said,
        "confidence": 0.93,
        "width_px": 1654,
        "height_px": 2339,
        "dpi": 200,
        "rotation_deg": 0,
        "skew_deg": 0.0,
        "read_at": at,
        "text_revision": 1,
        "indexed_revision": 1,
        "packed_words": zlib.compress(json.dumps(words, ensure_ascii=False).encode(), 1),
    }


def _meetings(one: Filling) -> None:
    """Meetings of the past: 36 people, 8 items, 2 papers, 2 named votes, 40 events, minutes, 3 conclusions."""
    first, item, seat, paper = (one.last(name) + 1 for name in ("meetings", "agenda_items", "participants", "papers"))
    version, vote, minutes = (one.last(name) + 1 for name in ("paper_versions", "votes", "minutes"))
    team = [row.person_id for row in one.rows("SELECT person_id FROM body_members WHERE body_id = 1 ORDER BY position")]
    team = [CHAIR, DEPUTY, STAFF, *(key for key in team if key not in (CHAIR, DEPUTY, STAFF))]
    names = {row.id: row.name for row in one.rows("SELECT id, name FROM people")}
    days = {n: one.at(one.day(n, one.size.meetings)) for n in range(one.size.meetings)}
    held = list(days.items())
    one.put(
        "meetings",
        (
            {
                "id": first + n,
                "body_id": 1,
                "rules_id": 1,
                "title": f"Hội nghị Ban Chấp hành lần thứ {n + 20}",
                "starts_at": at,
                "ends_at": at + timedelta(hours=3),
                "state": "closed",
                "revision": 40,
                "opened_at": at,
                "closed_at": at,
                "created_by_id": CLERK,
            }
            for n, at in held
        ),
    )
    one.put(
        "participants",
        (
            {
                "id": seat + n * len(team) + k,
                "meeting_id": first + n,
                "person_id": key,
                "name": names[key],
                "title": "Ủy viên",
                "position": k,
                "part": ("chair", "deputy", "secretary")[k] if k < 3 else "member",
                "has_vote": k != 2,
                "coming": True,
                "answered_at": at,
            }
            for n, at in held
            for k, key in enumerate(team)
        ),
    )
    one.put(
        "stays",
        (
            {"participant_id": seat + n * len(team) + k, "presence": "in_room", "came_at": at, "left_at": at, "set_by": "self"}
            for n, at in held
            for k in range(len(team))
        ),
    )
    one.put(
        "agenda_items",
        (
            {
                "id": item + n * 8 + k,
                "meeting_id": first + n,
                "position": k,
                "title": f"Nội dung {k + 1}",
                "state": "done",
                "taken_up_at": at,
                "done_at": at,
            }
            for n, at in held
            for k in range(8)
        ),
    )
    papers = one.documents[-2 * one.size.meetings :]
    one.put(
        "papers",
        (
            {
                "id": paper + n * 2 + k,
                "meeting_id": first + n,
                "item_id": None,
                "title": f"Báo cáo {k} của hội nghị {n + 20}",
                "created_at": at,
            }
            for n, at in held
            for k in range(2)
        ),
    )
    one.put(
        "paper_versions",
        (
            {
                "id": version + n * 2 + k,
                "paper_id": paper + n * 2 + k,
                "number": 1,
                "state": "published",
                "document_id": papers[n * 2 + k],
                "file_name": "bc.pdf",
                "size": 48000,
                "media_type": "application/pdf",
                "created_by_id": CLERK,
                "created_at": at,
                "published_at": at,
            }
            for n, at in held
            for k in range(2)
        ),
    )
    one.put(
        "paper_readings",
        (
            {
                "version_id": version + n * 2 + k,
                "person_id": key,
                "first_at": at,
                "last_at": at,
                "last_page": 1,
                "furthest_page": 1,
            }
            for n, at in held
            for k in range(2)
            for key in team
        ),
    )
    one.put(
        "votes",
        (
            {
                "id": vote + n * 2 + k,
                "meeting_id": first + n,
                "item_id": item + n * 8 + k,
                "kind": "named",
                "question": f"Thông qua nội dung {k}",
                "state": "published",
                "opened_at": at,
                "closed_at": at,
                "published_at": at,
                "source": "Điều 10",
                "members": 35,
                "present": 35,
                "quorum_base": 35,
                "quorum_needed": 24,
            }
            for n, at in held
            for k in range(2)
        ),
    )
    voters = [(n, k, j) for n, _ in held for k in range(2) for j in range(len(team)) if j != 2]
    one.put(
        "roll_entries",
        (
            {
                "vote_id": vote + n * 2 + k,
                "participant_id": seat + n * len(team) + j,
                "position": j,
                "was_present": True,
                "voted": True,
            }
            for n, k, j in voters
        ),
    )
    one.put(
        "named_ballots",
        ({"vote_id": vote + n * 2 + k, "participant_id": seat + n * len(team) + j, "choice": ["for"]} for n, k, j in voters),
    )
    one.put(
        "meeting_events",
        (
            {
                "meeting_id": first + n,
                "revision": k,
                "kind": "item_taken_up",
                "parts": "now agenda",
                "person_id": CHAIR,
                "item_id": item + n * 8 + k % 8,
                "facts": {"title": "x"},
                "at": at + timedelta(minutes=k),
            }
            for n, at in held
            for k in range(1, 41)
        ),
    )
    one.put(
        "minutes",
        ({"id": minutes + n, "meeting_id": first + n, "drafted_at": at, "locked_at": at, "sha256": "0" * 64} for n, at in held),
    )
    parts = one.rows("SELECT key, heading, text, position FROM minutes_sections WHERE minutes_id = 1")
    one.put("minutes_sections", ({"minutes_id": minutes + n, **part._mapping} for n, _ in held for part in parts))
    one.put(
        "conclusions",
        (
            {
                "meeting_id": first + n,
                "item_id": item + n * 8 + 7,
                "position": k + 1,
                "text": "Giao Văn phòng hoàn thiện đề án",
                "recorded_by_id": STAFF,
                "recorded_at": at,
            }
            for n, at in held
            for k in range(3)
        ),
    )


def _tasks(one: Filling) -> None:
    first, conclusion, owned = one.last("tasks") + 1, one.last("conclusions"), (STAFF, 5, 8, 9)
    span = 3 * one.size.meetings
    at = {n: one.at(one.day(n, one.size.tasks)) for n in range(one.size.tasks)}
    one.put(
        "tasks",
        (
            {
                "id": first + n,
                "conclusion_id": conclusion - n % span,
                "title": f"Nhiệm vụ {n}",
                "owner_id": owned[n // 2 % 4] if n % 2 else None,
                "unit_id": None if n % 2 else (QUY_NHON, STAFF, one.units[n % len(one.units)])[n // 2 % 3],
                "due_on": when.date(),
                "done_at": when if n % 4 == 3 or n % 8 == 0 else None,
                "created_by_id": STAFF,
                "created_at": when,
            }
            for n, when in at.items()
        ),
    )
    one.put(
        "task_entries",
        (
            {"task_id": first + n, "person_id": STAFF, "at": when, "text": "Đã làm", "percent": 50}
            for n, when in at.items()
            for _ in range(2)
        ),
    )


def _outgoing(one: Filling) -> None:
    first = one.last("outgoing_documents") + 1
    last = {(row.unit_id, row.series): row.last for row in one.rows("SELECT unit_id, series, last FROM number_series")}
    registers = [PROVINCE, QUY_NHON, *one.units]
    rows = []
    for n in range(one.size.entries):
        day, kind = one.day(n, one.size.entries), KINDS[n % 9]
        unit_id = PROVINCE if n % 5 == 0 else QUY_NHON if n % 5 == 1 else registers[n % len(registers)]
        is_draft = n % 20 == 10
        rows.append(_entry(one, first + n, unit_id, (day, kind), last, is_draft=is_draft))
        if unit_id == PROVINCE and not is_draft:
            one.province_entries.append((first + n, day))
    one.put("outgoing_documents", rows)
    one.connection.execute(delete(metadata.tables["number_series"]))
    one.put(
        "number_series", ({"unit_id": unit_id, "series": series, "last": number} for (unit_id, series), number in last.items())
    )
    at = one.at(one.until)
    one.put(
        "evidence",
        ({"outgoing_id": row["id"], "kind": "issued_here", "at": at, "facts": {"is_without_paper": True}} for row in rows[::3]),
    )
    one.put(
        "register_reports",
        (
            {"unit_id": unit_id, "year": year, "month": month, "reported_by_id": CLERK}
            for unit_id in one.units[::2]
            for year in range(one.until.year - 6, one.until.year)
            for month in range(1, 13)
        ),
    )


def _entry(
    one: Filling, key: int, unit_id: int, what: tuple[date, str], last: dict[tuple[int, str], int], *, is_draft: bool
) -> dict[str, Any]:
    day, kind = what
    series, number = f"{day.year}|{kind}", None
    if not is_draft:
        number = last[unit_id, series] = last.get((unit_id, series), 0) + (2 if key % 400 == 0 else 1)
    low, high = ((5, 5), (3, 4), (1, 2), (0, 0), (0, 5))[key % 5]
    said = one.abstract(key)
    return {
        "id": key,
        "unit_id": unit_id,
        "state": "draft" if is_draft else "issued",
        "kind": kind,
        "series": None if is_draft else series,
        "number": number,
        "symbol": "CĐ",
        "mark": "/",
        "dated": day,
        "abstract": said,
        "signer": "Trần Văn Mẫu",
        "direction": "down",
        "recipients": "Như trên;\nLưu: VT.",
        "claimed_low": low,
        "claimed_high": high,
        "evidenced_low": low // 2,
        "evidenced_high": high,
        "channel": None if high == 0 else "system",
        "document_id": one.documents[key % len(one.documents)] if key % 3 == 0 else None,
        "drafted_by_id": STAFF if is_draft else None,
        "created_at": one.at(day),
        "changed_at": one.at(day),
        "words": fold(f"{number}/CĐ {kind} {said} Trần Văn Mẫu").lower(),
    }


def _deliveries(one: Filling) -> None:
    """One directive to all units; each fourth of the others to Quy Nhơn, and every one to some units."""
    *others, (to_all, sent_on) = one.province_entries
    pairs = [(to_all, unit, sent_on) for unit in one.units]
    each = max(1, (one.size.deliveries - len(pairs)) // len(others))
    for place, (key, day) in enumerate(others):
        some = {one.units[(place * each + n) % len(one.units)] for n in range(each)}
        pairs += [(key, unit, day) for unit in sorted(some | {QUY_NHON})]
    one.put("deliveries", (_delivery(one, place, *pair) for place, pair in enumerate(pairs)))


def _delivery(one: Filling, place: int, outgoing_id: int, unit_id: int, day: date) -> dict[str, Any]:
    at = one.at(day)
    is_read, is_answered = place % 4 > 0, place % 8 == 1
    return {
        "outgoing_id": outgoing_id,
        "unit_id": unit_id,
        "channel": "system",
        "sent_at": at,
        "read_at": at if is_read else None,
        "acknowledged_at": at if is_read else None,
        "acknowledged_by_id": OF_UNION if is_read else None,
        "answer_due_on": day + timedelta(days=10) if place % 3 == 0 else None,
        "answer": "Đã thực hiện" if is_answered else "",
        "answered_at": at if is_answered else None,
        "recorded_by_id": CLERK,
        "recorded_at": at,
    }


def _incoming(one: Filling) -> None:
    last = {(row.unit_id, row.year): row.last for row in one.rows("SELECT unit_id, year, last FROM arrival_series")}
    rows = []
    for n in range(one.size.entries):
        day, unit_id = one.day(n, one.size.entries), (PROVINCE, QUY_NHON, one.units[n % len(one.units)])[n % 3]
        last[unit_id, day.year] = number = last.get((unit_id, day.year), 0) + 1
        author, said = ("Tỉnh ủy", "Sở Nội vụ", "Tổng Liên đoàn")[n % 3], one.abstract(n)
        due = day + timedelta(days=15) if n % 2 else None
        rows.append(
            {
                "unit_id": unit_id,
                "year": day.year,
                "number": number,
                "arrived_on": day,
                "author": author,
                "written_number": f"{n}/CV",
                "dated": day,
                "kind": KINDS[n % 9],
                "abstract": said,
                "assignee_id": (STAFF, 5, OF_UNION)[n % 3] if n % 4 == 0 else None,
                "due_on": due,
                "handled_on": day if due and n % 8 != 1 else None,
                "entered_by_id": OF_UNION,
                "form_key": f"bulk{n}",
                "searched": fold(f"{author} {n}/cv {said}").lower(),
            }
        )
    one.put("incoming_documents", rows)
    one.connection.execute(delete(metadata.tables["arrival_series"]))
    one.put("arrival_series", ({"unit_id": unit_id, "year": year, "last": number} for (unit_id, year), number in last.items()))


def _reports(one: Filling) -> None:
    """Of each half-year of some years, accepted; reported figures of all indicators."""
    first, one_indicator = (
        one.last("indicator_reports") + 1,
        "SELECT id FROM indicators WHERE source = 'reported' AND op <> 'milestone'",
    )
    indicators = [row.id for row in one.rows(one_indicator)]
    one.connection.execute(text("UPDATE plans SET valid_from = '2019-07-01'"))
    halves = [f"{year}-H{half}" for year in range(one.until.year - 5, one.until.year + 1) for half in (1, 2)]
    asked = [(period, unit_id) for period in halves for unit_id in one.units[: max(1, one.size.reports // len(halves))]]
    at = one.at(one.until)
    one.put(
        "indicator_reports",
        (
            {
                "id": first + n,
                "plan_id": 1,
                "unit_id": unit_id,
                "period": period,
                "state": "accepted",
                "submitted_at": at,
                "accepted_at": at,
                "revision": 4,
            }
            for n, (period, unit_id) in enumerate(asked)
        ),
    )
    one.put(
        "indicator_entries",
        (
            {
                "report_id": first + n,
                "indicator_id": indicator,
                "answer": "figure",
                "numerator": n % 50,
                "denominator": 50 + n % 40,
            }
            for n in range(len(asked))
            for indicator in indicators
        ),
    )
    one.put(
        "indicator_steps",
        (
            {"report_id": first + n, "step": step, "person_id": person, "at": at}
            for n in range(len(asked))
            for step, person in (("submit", OF_UNION), ("accept", CLERK))
        ),
    )


def _acts(one: Filling) -> None:
    """The audit trail; nothing of it is sealed, which the worker does when it runs."""
    people, mine = (
        list(one.people.items()),
        [(1, "Đặng Quang Minh"), (2, "Trần Thị Lan"), (CLERK, "Lê Thị Thu Hà"), (STAFF, "Nguyễn Hữu Phước")],
    )
    acts: Iterator[tuple[int, tuple[int, str]]] = (
        (n, people[n // 2 % len(people)] if n % 2 else mine[n // 2 % 4]) for n in range(one.size.acts)
    )
    one.put(
        "audit_entries",
        (
            {
                "at": one.at(one.day(n, one.size.acts)),
                "act": ("signed_in", "document_read", "file_kept", "directive_issued", "vote_cast")[n % 5],
                "person_id": person_id,
                "actor": name,
                "address": "10.0.0.7",
                "subject_kind": "document" if n % 5 in (1, 2) else "person",
                "subject_id": str(one.documents[n % len(one.documents)] if n % 5 in (1, 2) else person_id),
                "facts": {"n": n},
            }
            for n, (person_id, name) in acts
        ),
    )
