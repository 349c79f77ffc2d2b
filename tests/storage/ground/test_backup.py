"""A backup is made while the system runs, and what is brought back elsewhere is the same installation; on SQLite and on PostgreSQL."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text

from domain.ground import clock
from domain.ground.backups import BackupProblem, Keeping
from domain.ground.clock import now
from domain.meetings.meetings import MeetingState
from domain.meetings.voting import VoteKind
from khonggiay.main import khonggiay
from ocr_worker.indexing import index_of, rebuild
from search.index import Condition
from storage.archive.documents import Document, DocumentFile, Documents
from storage.archive.intake import open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.work import OPENING, Ledger
from storage.ground.audit import AuditEntry, AuditTrail
from storage.ground.backup.folder import BackupFolder, BackupUnderWay, finished
from storage.ground.backup.making import BackupNotMade, Source, make_backup
from storage.ground.backup.records import BackupRun, state_of_backups
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.ground.stores import open_objects
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.meetings import Meeting
from storage.meetings.votes import Votes, secret_vote_is_open
from storage.people.people import People
from tests.cast import PASSWORD, gather
from tests.meetings import gather_meeting
from tests.servers import PostgreSQL, SeaweedFS, wire
from tests.stored import rows
from tests.webapp.archive.papers import picture, put, reading_of
from tests.work import claimed
from webapp.app import create_app
from webapp.ground.system import System
from webapp.people.accounts.passwords import hash_password

_serial = count(1)


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return FolderObjects(tmp_path / "objects")


@pytest.fixture
def source(database: Database, objects: FolderObjects) -> Source:
    return Source(database, objects, secret_vote_is_open)


@pytest.fixture
def office(database: Database, objects: FolderObjects) -> Source:
    """An office with its people, who have a password, and a paper of two pages."""
    gather(database, hash_password(PASSWORD))
    with database.writing() as session:
        batch_id = open_batch(session, source="folder", person=None, attested_by="Trần Thị Lan").id
    receive(database, objects, batch_id, Arrival("ke-hoach.pdf", io.BytesIO(b"%PDF-1.7 ke hoach")), limit=1 << 20)
    with database.writing() as session:
        ledger, document = Ledger(session), session.get_one(Document, 1)
        ledger.finish(claimed(ledger, 1, OPENING))
        document.page_count = document.files[0].page_count = 2
        ledger.enrol(document, (1, 2))
        for number, page in enumerate(("Kế hoạch hòa giải", "Hòa giải viên"), start=1):
            ledger.finish(claimed(ledger, 1, number))
            keys = [objects.put(io.BytesIO(picture(number, width)))[0] for width in (40, 10)]
            Documents(session).keep_page(1, reading_of(number, page), image_sha256=keys[0], thumbnail_sha256=keys[1])
    return Source(database, objects, secret_vote_is_open)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def elsewhere(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment of an empty installation on the same kind of database."""
    environment = {"KHONGGIAY_DATA_DIR": str(tmp_path / "elsewhere")}
    if database.engine.dialect.name == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        name = f"restored_{next(_serial)}"
        server.tool("createdb", name)
        environment["KHONGGIAY_DATABASE_URL"] = server.url(name)
    return environment


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Run a command as `main` does: what it makes is for its own account alone."""

    def run(environment: dict[str, str], *words: object) -> Result:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(khonggiay, [str(word) for word in words])

    before = os.umask(0o077)
    yield run
    os.umask(before)


def settings_of(environment: dict[str, str]) -> Settings:
    return Settings(
        environment="test",
        data_dir=Path(environment["KHONGGIAY_DATA_DIR"]),
        database_url=environment.get("KHONGGIAY_DATABASE_URL", ""),
    )


def test_the_drill_what_is_restored_elsewhere_is_the_same_installation(
    office: Source, dest: Path, elsewhere: dict[str, str], run: Callable[..., Result]
) -> None:
    with office.database.reading() as session:
        before = [(entry.id, entry.act, entry.at) for entry in AuditTrail(session).page().rows[:999]]
    make_backup(office, dest, actor="test")
    answer = run(elsewhere, "restore", dest)
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("Đã khôi phục 5 tệp và cơ sở dữ liệu")
    assert run(elsewhere, "audit-head", "--accept", "restored").exit_code == 0
    whole = run(elsewhere, "verify", "--json")
    assert (whole.exit_code, json.loads(whole.stdout)["objects"], json.loads(whole.stdout)["audit_chain"]) == (0, 5, "whole")

    settings = settings_of(elsewhere)
    restored = Database(settings.database_url)
    index = index_of(restored, settings.index_dir)
    assert index.state().condition is Condition.MISSING  # what the worker looks for once a second
    assert rebuild(restored, settings.index_dir) == 2
    books = run(elsewhere, "status")
    assert books.exit_code == 0, books.output
    assert "Sao lưu gần nhất" in books.stdout
    with restored.reading() as session:
        after = [(entry.id, entry.act, entry.at) for entry in AuditTrail(session).page().rows[:999]]
    assert after[-len(before) :] == before
    assert {act for _id, act, _at in after[: -len(before)]} == {"installation_restored", "trail_accepted"}
    client = create_app(System(settings, restored, FolderObjects(settings.data_dir / "objects"), index)).test_client()
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/sign-in", data={"login": "archivist", "password": PASSWORD}).status_code == 303
    assert client.get("/archive/documents/1/files/1", buffered=True).data.startswith(b"%PDF-1.7 ")
    restored.close()


def test_a_second_backup_takes_only_what_is_new_and_shows_its_own_moment(office: Source, dest: Path) -> None:
    first = make_backup(office, dest, actor="test")
    put(office.database, office.objects, "to-trinh.pdf", ["Tờ trình"])  # type: ignore[arg-type]
    with clock.at(now() + timedelta(minutes=1)):
        second = make_backup(office, dest, actor="test")
    assert [run.copied for run in rows(office.database, BackupRun)] == [5, 3]
    assert (first.manifest.objects, second.manifest.objects) == (5, 8)
    assert [backup.path for backup in finished(dest)] == [first.path, second.path]


def test_only_their_owner_can_read_backups(office: Source, dest: Path) -> None:
    make_backup(office, dest, actor="test")
    paths = [path for path in dest.rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o077) for path in (*paths, dest)} == {"0o0"}


def test_a_backup_is_noted_with_its_manifest_in_the_trail_and_its_age_is_known(office: Source, dest: Path) -> None:
    with office.database.reading() as session:
        assert state_of_backups(session).last_success_at is None
    made = make_backup(office, dest, actor="test")
    (entry,) = rows(office.database, AuditEntry, act="backup_made")
    assert (entry.facts["name"], entry.facts["objects"], entry.facts["lost"]) == (made.path.name, 5, 0)
    with clock.at(now() + timedelta(days=2)), office.database.reading() as session:
        state = state_of_backups(session)
        assert state.age
        assert (state.age.days, state.problem) == (2, "")


def test_no_backup_is_made_while_a_secret_vote_is_open(database: Database, source: Source, dest: Path) -> None:
    cast = gather(database)
    held = gather_meeting(database, cast, state=MeetingState.OPEN)
    with database.writing() as session:
        meeting = session.get_one(Meeting, held.meeting)
        people = {one.id: one for one in meeting.participants}
        for login in ("chair", "member", "delegate"):
            one = people[held.participants[login]]
            Attendance(session, meeting).come(one, Presence.IN_ROOM, set_by="self", set_by_id=None)
        vote = Votes(session).prepare(meeting, None, kind=VoteKind.SECRET, question="Tín nhiệm")
        Votes(session).open(vote)
        vote_id = vote.id
    with database.writing() as session:
        Votes(session).cast(vote_id, person_id=cast.people["member"], chosen=["for"], ballot_id="a")
    with pytest.raises(BackupNotMade) as refused:
        make_backup(source, dest, actor="test")
    assert refused.value.problem is BackupProblem.VOTE_OPEN
    assert [path for path in dest.rglob("*") if path.is_file() and path.name != ".lock"] == []
    with database.reading() as session:
        assert state_of_backups(session).problem == "vote_open"
    with database.writing() as session:
        Votes(session).close(Votes(session).get(vote_id))
    assert make_backup(source, dest, actor="test").manifest.lost == []


def test_a_damaged_original_does_not_keep_the_rest_from_being_backed_up_and_an_older_copy_is_kept(
    office: Source, dest: Path, run: Callable[..., Result], elsewhere: dict[str, str]
) -> None:
    with office.database.reading() as session:
        key = session.scalars(select(DocumentFile.sha256)).one()
    other = dest.with_name("other")
    make_backup(office, dest, actor="test")
    with office.objects.local_path(key) as path:
        path.chmod(0o640)
        path.write_bytes(b"another paper")
    with clock.at(now() + timedelta(minutes=1)):
        assert make_backup(office, dest, actor="test").manifest.lost == []  # the copy of the first is whole
        assert make_backup(office, other, actor="test").manifest.lost == [key]
    with office.database.reading() as session:
        assert state_of_backups(session).problem == "lost"
    answer = run(elsewhere, "restore", other)
    assert answer.exit_code == 1
    assert f"✗ không có tệp nguyên vẹn: {key}" in answer.output


def test_what_decays_in_the_backup_is_found_and_made_whole(office: Source, dest: Path) -> None:
    made = make_backup(office, dest, actor="test")
    key, size = next(made.objects())
    path = dest / "objects" / key[:2] / key[2:4] / key
    path.write_bytes(bytes(size))
    with clock.at(now() + timedelta(minutes=1)):
        make_backup(office, dest, actor="test", thorough=True)
    with FolderObjects(dest / "objects").open(key) as stream:
        assert len(stream.read()) == size


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda backup: (backup / "manifest.json").unlink(), "Không có bản sao lưu hoàn chỉnh nào"),
        (lambda backup: (backup / "manifest.json").write_text("{}"), "Không có bản sao lưu hoàn chỉnh nào"),
        (lambda backup: (backup / "objects.txt").write_text(""), "objects.txt bị hỏng, mất hoặc bị sửa"),
        (lambda backup: next(backup.glob("database.*")).write_bytes(b"SQLite format 3"), "bị hỏng, mất hoặc bị sửa"),
        (lambda backup: next(backup.glob("database.*")).unlink(), "bị hỏng, mất hoặc bị sửa"),
        (
            lambda backup: (backup / "manifest.json").write_text(
                (backup / "manifest.json").read_text().replace('"revision": "2', '"revision": "9')
            ),
            "phiên bản mới hơn",
        ),
    ],
    ids=["unfinished", "no manifest", "list changed", "database changed", "database gone", "newer"],
)
def test_of_a_backup_that_is_not_whole_nothing_is_restored_and_a_sentence_says_why(
    office: Source, dest: Path, elsewhere: dict[str, str], run: Callable[..., Result], harm: Callable[[Path], object], says: str
) -> None:
    harm(make_backup(office, dest, actor="test").path)
    answer = run(elsewhere, "restore", dest)
    assert answer.exit_code == 1
    assert says in answer.output
    assert not list(Path(elsewhere["KHONGGIAY_DATA_DIR"]).rglob("khonggiay.sqlite3"))


def test_an_installation_is_never_overwritten(
    office: Source, dest: Path, elsewhere: dict[str, str], run: Callable[..., Result]
) -> None:
    make_backup(office, dest, actor="test")
    FolderObjects(Path(elsewhere["KHONGGIAY_DATA_DIR"]) / "objects").put(io.BytesIO(b"of somebody else"))
    answer = run(elsewhere, "restore", dest)
    assert (answer.exit_code, "không ghi đè" in answer.output) == (1, True)
    elsewhere["KHONGGIAY_OBJECTS_URL"] = f"file:{elsewhere['KHONGGIAY_DATA_DIR']}/others"
    assert run(elsewhere, "restore", dest).exit_code == 0
    answer = run(elsewhere, "restore", dest)
    assert (answer.exit_code, "không ghi đè" in answer.output) == (1, True)


def test_a_restore_that_was_cut_short_goes_on(
    office: Source, dest: Path, elsewhere: dict[str, str], run: Callable[..., Result]
) -> None:
    made = make_backup(office, dest, actor="test")
    key, _size = next(made.objects())
    with FolderObjects(dest / "objects").open(key) as stream:
        FolderObjects(Path(elsewhere["KHONGGIAY_DATA_DIR"]) / "objects").put(stream)
    assert run(elsewhere, "restore", dest).exit_code == 0


def test_two_backups_are_not_made_into_one_folder_at_once(office: Source, dest: Path) -> None:
    with BackupFolder(dest).held(), pytest.raises(BackupUnderWay):
        make_backup(office, dest, actor="test")


def test_what_need_not_be_kept_goes_with_the_objects_that_only_it_had(office: Source, dest: Path) -> None:
    old = make_backup(office, dest, actor="test")
    with office.database.writing() as session:
        session.execute(text("DELETE FROM pages WHERE number = 2"))
    with clock.at(now() + timedelta(days=1)):
        new = make_backup(office, dest, actor="test", keeping=Keeping(1, 0, 0))
    assert [backup.path for backup in finished(dest)] == [new.path]
    assert not old.path.exists()
    assert len(list(FolderObjects(dest / "objects").keys())) == 3


def test_a_folder_that_cannot_be_written_to_is_told(office: Source, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupNotMade):
        make_backup(office, tmp_path / "file", actor="test")


def test_a_backup_that_is_killed_is_recognised_and_hinders_no_other(tmp_path: Path, migrated: Path) -> None:
    """kill -9 at any moment leaves a folder that is no backup; the next one clears it."""
    shutil.copy(migrated, tmp_path / "khonggiay.sqlite3")
    database = Database(f"sqlite:///{tmp_path}/khonggiay.sqlite3")
    put(database, FolderObjects(tmp_path / "objects"), "a.pdf", ["Một trang"])
    database.close()
    program = (
        "import os, signal, storage.ground.backup.making as making\n"
        "making.write_list = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from khonggiay.main import main; main()\n"
    )
    environment = {**os.environ, "KHONGGIAY_DATA_DIR": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", program, "backup", str(tmp_path / "b")], env=environment, check=False)
    assert killed.returncode == -9
    assert finished(tmp_path / "b") == []
    database = Database(f"sqlite:///{tmp_path}/khonggiay.sqlite3")
    with database.reading() as session:
        assert state_of_backups(session).problem == "interrupted"
    made = make_backup(Source(database, FolderObjects(tmp_path / "objects"), secret_vote_is_open), tmp_path / "b", actor="test")
    assert [path.name for path in sorted((tmp_path / "b").iterdir())] == [".lock", made.path.name, "objects"]
    with database.reading() as session:
        assert state_of_backups(session).problem == ""
        assert People(session)
    database.close()


_KILLED_AT = {
    "an object": (
        "import storage.ground.filesystem as f; real = f.FolderObjects.put; n = [0]\n"
        "def put(*a, **k):\n    n[0] += 1\n    return die() if n[0] == 3 else real(*a, **k)\n"
        "f.FolderObjects.put = put\n"
    ),
    "the loading of the database": "import storage.ground.backup.restoring as r; r.load = lambda *_: die()\n",
    "the migration": "import khonggiay.backup as b; b.migrate = lambda *_: die()\n",
    "the entry in the trail": "import khonggiay.backup as b; b.note_whole = lambda *_: die()\n",
}


@pytest.mark.parametrize("moment", list(_KILLED_AT))
def test_a_restore_that_is_killed_at_any_moment_is_run_again_and_ends_whole(
    office: Source, dest: Path, elsewhere: dict[str, str], run: Callable[..., Result], moment: str
) -> None:
    make_backup(office, dest, actor="test")
    program = (
        "import os, signal\nimport khonggiay.backup\ndef die():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{_KILLED_AT[moment]}from khonggiay.main import main; main()\n"
    )
    environment = {**os.environ, **elsewhere, "PYTHONPATH": str(Path(__file__).parents[3])}
    killed = subprocess.run([sys.executable, "-c", program, "restore", str(dest)], env=environment, check=False)
    assert killed.returncode == -9
    answer = run(elsewhere, "restore", dest)
    assert answer.exit_code == 0, answer.output
    assert run(elsewhere, "audit-head", "--accept", "restored").exit_code == 0
    whole = run(elsewhere, "verify", "--json")
    assert (whole.exit_code, json.loads(whole.stdout)["objects"]) == (0, 5)
    restored = Database(settings_of(elsewhere).database_url)
    assert len(rows(restored, AuditEntry, act="installation_restored")) == 1
    restored.close()
    again = run(elsewhere, "restore", dest)
    assert (again.exit_code, "không ghi đè" in again.output) == (1, True)


@pytest.mark.s3
def test_an_installation_on_s3_is_backed_up_and_comes_back_into_another_bucket(
    office: Source, seaweedfs: SeaweedFS, dest: Path, elsewhere: dict[str, str], run: Callable[..., Result]
) -> None:
    bucket = open_objects(seaweedfs.url("office"))
    for key in office.objects.keys():  # noqa: SIM118
        with office.objects.open(key) as stream:
            bucket.put(stream)
    on_s3 = Source(office.database, bucket, secret_vote_is_open)
    with wire(seaweedfs.port, cut_after=200) as port, pytest.raises(BackupNotMade) as cut:
        make_backup(
            Source(office.database, open_objects(seaweedfs.url("office", port=port)), secret_vote_is_open), dest, actor="test"
        )
    assert cut.value.problem is BackupProblem.STORE
    assert finished(dest) == []
    assert make_backup(on_s3, dest, actor="test").manifest.objects == 5
    other = open_objects(seaweedfs.url("elsewhere"))
    for key in list(other.keys()):
        other.remove(key)
    elsewhere["KHONGGIAY_OBJECTS_URL"] = seaweedfs.url("elsewhere")
    assert run(elsewhere, "restore", dest).exit_code == 0
    assert sorted(other.keys()) == sorted(office.objects.keys())
    assert run(elsewhere, "audit-head", "--accept", "restored").exit_code == 0
    assert run(elsewhere, "verify", "--json").exit_code == 0
