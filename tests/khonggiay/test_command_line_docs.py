"""docs/command-line.md names every command, every option, and the JSON names that commands really print."""

import io
import json
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pikepdf
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from sqlalchemy import text

from domain.archive.reading import FIELD_NAMES, Box, PageReading, Source, Word
from domain.ground.clock import now
from domain.meetings.meetings import MeetingState
from domain.meetings.voting import VoteKind
from khonggiay.demo.scans import Kind, Look, scan
from khonggiay.refusals import told
from ocr_worker.indexing import rebuild
from storage.archive.documents import Documents
from storage.archive.heartbeat import beat
from storage.ground import traces
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.replica.debts import Debts, Owed
from storage.ground.settings import Settings
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.meetings import Meeting
from storage.meetings.votes import Votes
from tests.cast import gather
from tests.meetings import gather_meeting

with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)
    from khonggiay.main import khonggiay

DOCUMENT = (Path(__file__).parents[2] / "docs/command-line.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## khonggiay ([\w -]+)\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL))


def commands(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found |= commands(command, f"{prefix}{name} ") if isinstance(command, click.Group) else {prefix + name: command}
    return found


COMMANDS = commands(khonggiay)


def shapes(section: str) -> list[set[str]]:
    """The names of each JSON object that the section shows, those of objects within as `outer.inner`."""
    return [shape(json.loads(block)) for block in re.findall(r"```json\n(.*?)\n```", SECTIONS[section], re.DOTALL)]


def shape(value: dict[str, Any], prefix: str = "") -> set[str]:
    names = set()
    for name, inner in value.items():
        names.add(prefix + name)
        if name in ("pages",) and isinstance(inner, list) and inner:
            names |= shape(inner[0], f"{prefix}{name}.")
        if name == "set_aside":
            names |= shape(inner, f"{prefix}{name}.")
    return names


def objects_of(answer: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.stdout.splitlines()]


@pytest.fixture
def run(tmp_path: Path, database: Database, objects: FolderObjects, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    return lambda *words: CliRunner().invoke(khonggiay, [str(word) for word in words])


@pytest.fixture
def brought_in(run: Callable[..., Result], tmp_path: Path) -> Result:
    """One paper that came in, and what the command said of it and of a file that is none."""
    (tmp_path / "ke-hoach.pdf").write_bytes(b"%PDF-1.7 mot ban giay")
    (tmp_path / "thu.docx").write_bytes(b"PK\x03\x04")
    return run("import", "--attest-no-secrets", "--json", tmp_path / "ke-hoach.pdf", tmp_path / "thu.docx")


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert sorted(SECTIONS) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_options_of_a_command_are_those_that_are_documented(name: str) -> None:
    documented = re.findall(r"^\| `(--[\w-]+)` \|", SECTIONS[name], re.MULTILINE)
    real = [option.opts[-1] for option in COMMANDS[name].params if isinstance(option, click.Option) and option.name != "help"]
    assert documented == [option for option in real if option.startswith("--")]
    assert ("No options." in SECTIONS[name]) is (documented == [])


def test_import_says_what_is_documented(brought_in: Result) -> None:
    kept, refused = objects_of(brought_in)
    assert shapes("import") == [shape(kept)] == [shape(refused)]
    assert (kept["outcome"], kept["standing"]) == ("kept", "waiting")
    assert (refused["outcome"], refused["reason"], refused["document"]) == ("refused", "office", None)


def test_import_needs_the_word_that_there_are_no_secrets(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "ke-hoach.pdf").write_bytes(b"%PDF-1.7")
    assert run("import", tmp_path / "ke-hoach.pdf").exit_code == 2


def test_import_register_says_what_is_documented(run: Callable[..., Result], database: Database, tmp_path: Path) -> None:
    gather(database)
    (tmp_path / "so.csv").write_text("so,ky_hieu,ngay_vb,trich_yeu\n1,KH-LĐLĐ,31/02/2025,Tháng công nhân\n", encoding="utf-8")
    (said,) = objects_of(run("import-register", "--unit", "LDLD", "--json", tmp_path / "so.csv"))
    assert shapes("import-register") == [shape(said)]
    documented = json.loads(re.findall(r"```json\n(.*?)\n```", SECTIONS["import-register"])[0])
    assert set(said["refused"][0]) == set(documented["refused"][0])


def test_find_says_what_is_documented(run: Callable[..., Result], read_page: None) -> None:
    (hit,) = objects_of(run("find", "--json", "khong giay"))
    assert shapes("find") == [shape(hit)]
    assert (hit["document"], hit["page"], hit["file"]) == (1, 1, "ke-hoach.pdf")


def test_find_tells_a_mistake_in_a_sentence_and_searches_the_rest(run: Callable[..., Result], tmp_path: Path) -> None:
    answer = run("find", "--json", "năm:hai")
    assert answer.exit_code == 0
    assert answer.stdout == ""
    assert "Câu hỏi, chữ 5–7: “hai” không phải là năm nên phần này được bỏ qua." in answer.stderr


@pytest.fixture
def read_page(database: Database, brought_in: Result, tmp_path: Path) -> None:
    """The one page of what was brought in, read and in the index."""
    word = Word("giấy", Box(0.1, 0.1, 0.1, 0.02), 0.9, 0)
    page = PageReading(1, Source.OCR, "họp không giấy", (word,), 0.9, 1654, 2339, 200)
    with database.writing() as session:
        Documents(session).keep_page(1, page, image_sha256=None, thumbnail_sha256=None)
    rebuild(database, tmp_path / "index")


def test_find_never_says_that_nothing_is_found_in_an_index_that_is_gone(
    run: Callable[..., Result], read_page: None, tmp_path: Path
) -> None:
    assert (run("find", "qzxuv").exit_code, run("find", "qzxuv").stderr) == (0, "0 trang.\n")
    shutil.rmtree(tmp_path / "index")
    answer = run("find", "khong giay")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert isinstance(answer.exception, Exception)
    assert told(answer.exception)[1] == [
        "Chưa có chỉ mục tìm kiếm nên kết quả có thể thiếu hoặc thừa trang; tài liệu vẫn còn nguyên. Worker đang chạy tự lập lại chỉ mục: "
        "đã xong 0 trong 1 trang. Muốn lập ngay, hãy chạy: khonggiay reindex"
    ]


def test_find_answers_from_an_old_index_and_says_so(run: Callable[..., Result], read_page: None, tmp_path: Path) -> None:
    (tmp_path / "index" / "1" / "format").write_text("1")
    answer = run("find", "--json", "khong giay")
    assert [hit["document"] for hit in objects_of(answer)] == [1]
    assert answer.exit_code == 1
    assert answer.stderr.startswith(
        "Chỉ mục tìm kiếm do phiên bản khác của phần mềm lập nên kết quả có thể thiếu hoặc thừa trang"
    )


def test_status_tells_an_index_that_is_not_the_one_of_the_books(
    run: Callable[..., Result], read_page: None, tmp_path: Path
) -> None:
    beat(Settings(data_dir=tmp_path))
    assert run("status").stderr == ""
    (tmp_path / "index" / "1" / "format").write_text("1")
    old = run("status")
    assert old.exit_code == 1
    assert old.stderr.startswith("Chỉ mục tìm kiếm do phiên bản khác của phần mềm lập")
    shutil.rmtree(tmp_path / "index")
    gone = run("status", "--json")
    assert gone.exit_code == 1
    (line,) = [line for line in objects_of(gone) if line["line"] == "index"]
    assert line == {"line": "index", "whole": 0, "parts": {"entered": 1, "leaving": 0}, "balances": False}
    assert gone.stderr.startswith("Chưa có chỉ mục tìm kiếm")


def test_status_says_what_is_documented(run: Callable[..., Result], brought_in: Result) -> None:
    lines = objects_of(run("status", "--json"))
    documented = json.loads(re.findall(r"```json\n(.*?)\n```", SECTIONS["status"])[0])
    assert all(set(line) == set(documented) for line in lines)
    assert set(lines[0]["parts"]) == set(documented["parts"])
    named = re.findall(r"The lines are (.*?);", SECTIONS["status"])[0]
    assert [line["line"] for line in lines] == re.findall(r"`(\w+)`", named)


def test_status_says_before_a_backup_that_a_secret_vote_is_open_and_always_that_traces_stay(
    run: Callable[..., Result], tmp_path: Path, database: Database
) -> None:
    rebuild(database, tmp_path / "index")
    beat(Settings(data_dir=tmp_path))
    assert run("status", "--before-backup").exit_code == 0
    gathering = gather_meeting(database, gather(database), state=MeetingState.OPEN)
    with database.writing() as session:
        votes, meeting = Votes(session), session.get_one(Meeting, gathering.meeting)
        chair = next(one for one in meeting.participants if one.id == gathering.participants["chair"])
        Attendance(session, meeting).come(chair, Presence.IN_ROOM, set_by="self", set_by_id=None)
        votes.open(vote := votes.prepare(meeting, None, kind=VoteKind.SECRET, question="Tín nhiệm"))
        vote_id = vote.id
    told = run("status", "--before-backup")
    assert (told.exit_code, told.stderr) == (1, "Đang có biểu quyết kín. Hãy sao lưu sau khi chủ tọa khóa biểu quyết.\n")
    assert run("status").exit_code == 0
    with database.writing() as session:
        Votes(session).close(Votes(session).get(vote_id))
        session.info.clear()  # killed at once after the commit
    told = run("status")
    assert (told.exit_code, told.stderr[:42]) == (1, "Cơ sở dữ liệu còn dấu vết lẽ ra đã xóa: 1.")
    assert traces.erase(database)
    assert run("status", "--before-backup").exit_code == 0


def test_verify_says_what_is_documented(
    run: Callable[..., Result], brought_in: Result, database: Database, objects: FolderObjects
) -> None:
    assert run("audit-head").exit_code == 0
    whole = run("verify", "--json")
    assert whole.exit_code == 0
    for key in list(objects.keys()):
        objects.remove(key)
    with database.writing() as session:
        session.execute(text("UPDATE audit_entries SET actor = 'another' WHERE id = 1"))
    broken = run("verify", "--json")
    assert broken.exit_code == 1
    assert shapes("verify") == [shape(line) for line in objects_of(broken)]
    assert shapes("verify")[-1] == shape(objects_of(whole)[-1])


def test_status_tells_which_object_was_found_lost_until_verify_finds_it_whole(
    run: Callable[..., Result], read_page: None, objects: FolderObjects
) -> None:
    assert "tệp hỏng" not in run("status").stdout
    key = next(objects.keys())
    with objects.local_path(key) as path:
        content = path.read_bytes()
        path.chmod(0o640)
        path.write_bytes(b"another paper")
    assert run("verify").exit_code == 1
    told = run("status")
    assert told.exit_code == 1
    assert f"✗ tệp hỏng, thấy từ {now():%d/%m/%Y}: {key}" in told.stdout
    (line,) = [line for line in objects_of(run("status", "--json")) if "object" in line]
    assert set(line) == set(shapes("status")[1])
    objects.put(io.BytesIO(content))
    assert run("verify").exit_code == 0
    assert "tệp hỏng" not in run("status").stdout


def test_what_a_second_store_of_before_is_owed_ends_with_a_reason_that_the_trail_keeps(
    run: Callable[..., Result], database: Database, tmp_path: Path
) -> None:
    Debts(tmp_path / "second-store", "of-before").owe(Owed.REMOVE, "0" * 64)
    assert run("forget-store", " ").exit_code == 2
    told = run("forget-store", "đã nghiền ổ đĩa, biên bản 12/BB-VP")
    assert (told.exit_code, told.stdout) == (0, "Thôi chờ xóa 1 tệp; nhật ký đã ghi lý do.\n")
    with database.reading() as session:
        (entry,) = AuditTrail(session).page().rows[:1]
        assert (entry.act, entry.facts) == (
            "second_store_forgotten", {"reason": "đã nghiền ổ đĩa, biên bản 12/BB-VP", "removals": 1},
        )  # fmt: skip
    again = run("forget-store", "đã nghiền ổ đĩa, biên bản 12/BB-VP")
    assert (again.exit_code, "không có gì thay đổi" in again.stderr) == (1, True)


def test_audit_head_says_what_is_documented_and_verify_takes_it(
    run: Callable[..., Result], brought_in: Result, database: Database
) -> None:
    (said,) = objects_of(run("audit-head", "--json"))
    assert shapes("audit-head") == [shape(said)]
    line = run("audit-head").stdout.split()[-1]
    assert line == f"{said['position']}:{said['seal']}"
    assert run("verify", "--anchor", line).exit_code == 0
    other = run("verify", "--anchor", f"{said['position']}:{'ab' * 32}")
    assert (other.exit_code, "NotAsWitnessed" in other.stdout) == (1, True)
    assert run("verify", "--anchor", "x").exit_code == 2


def test_after_a_restore_the_trail_is_accepted_with_a_reason_and_an_entry_says_so(
    run: Callable[..., Result], brought_in: Result, database: Database
) -> None:
    assert run("audit-head").exit_code == 0
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entries WHERE id = (SELECT max(id) FROM audit_entries)"))
        connection.execute(text("UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'audit_entries'"))  # an older database
    cut = run("verify")
    assert (cut.exit_code, "TailCut" in cut.stdout) == (1, True)
    assert run("audit-head", "--accept", "khôi phục bản sao lưu đêm qua").exit_code == 0
    assert run("verify").exit_code == 0
    with database.reading() as session:
        (entry,) = AuditTrail(session).page().rows[:1]
        assert (entry.act, entry.facts["lost"], entry.facts["reason"]) == ("trail_accepted", 1, "khôi phục bản sao lưu đêm qua")


def test_verify_ends_with_1_for_what_somebody_does_to_the_trail_without_the_key(
    run: Callable[..., Result], brought_in: Result, database: Database
) -> None:
    assert run("audit-head").exit_code == 0
    assert run("verify").exit_code == 0
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET actor = 'another' WHERE id = 1"))
    rewritten = run("verify")
    assert (rewritten.exit_code, "EntryRewritten" in rewritten.stdout) == (1, True)


@pytest.mark.reading
def test_read_says_what_is_documented(run: Callable[..., Result], tmp_path: Path) -> None:
    papers = {
        name: content
        for paper in ("2012-07-BC-LDLD-Tuy-Phuoc", "van-ban-mau-de-thu")
        for name, content in scan(paper, Look.COLOUR, Kind.JPEG)
    }
    one = io.BytesIO()
    Image.new("L", (600, 800), 255).save(one, "PNG", dpi=(72, 72))
    carrier = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments["phu-luc.xlsx"] = b"content"
        pdf.save(carrier)
    rebuilt = carrier.getvalue().rpartition(b"startxref")[0]
    files = {**papers, "trang.png": one.getvalue(), "hong.pdf": b"%PDF-1.7 cut", "to-trinh.pdf": rebuilt}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    answer = run(
        "read", "--json", "--group", *(sorted(path for path in tmp_path.iterdir() if path.suffix in (".jpg", ".png", ".pdf")))
    )
    assert answer.exit_code == 1
    found = {Path(line["file"]).name: line for line in objects_of(answer)}
    alone, grouped, mended, marked, refused = shapes("read")
    outer = {name for name in grouped if "." not in name}
    assert shape(found["trang.png"]) == alone
    assert {name for name in shape(found["2012-07-BC-LDLD-Tuy-Phuoc_p1.jpg"]) if "." not in name} == outer
    assert shape(found["van-ban-mau-de-thu.jpg"]) == marked
    assert shape(found["hong.pdf"]) == refused
    assert {name for name in shape(found["to-trinh.pdf"]) if "." not in name} == {name for name in mended if "." not in name}
    assert tuple(found["trang.png"]["fields"]) == FIELD_NAMES
    assert found["2012-07-BC-LDLD-Tuy-Phuoc_p1.jpg"]["fields"]["number"]["value"] == "07"
    documented = json.loads(re.findall(r"```json\n(.*?)\n```", SECTIONS["read"])[0])
    assert set(documented["fields"]) < set(FIELD_NAMES)
    assert set(documented["fields"]["number"]) == {"value", "page", "box", "confidence"}
