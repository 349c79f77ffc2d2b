"""A second store of files: everything comes there, also what it missed; it mends the first, and what is destroyed goes from both.

On SQLite and PostgreSQL; the second store is a folder and, where it matters, a real S3 server.
"""

import io
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.ground import clock
from domain.ground.clock import now
from ocr_worker.keeping import Replica
from ocr_worker.system import System
from storage.archive.alarms import has_alarm_due
from storage.archive.documents import Document, DocumentFile
from storage.archive.set_aside import destroy, withhold
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.fixity.checks import ObjectChecks
from storage.ground.fixity.rounds import CheckRound, check_some
from storage.ground.objects import NotWhole, ObjectDamaged, ObjectMissing, Objects, StoreUnavailable, verify
from storage.ground.replica.debts import Owed
from storage.ground.replica.objects import ReplicatedObjects
from storage.ground.settings import Settings, SettingsRefused, read_settings
from storage.ground.stores import debts_of, objects_of, open_objects
from tests.servers import SeaweedFS
from tests.stored import rows
from tests.webapp.archive.papers import put

WEEK = timedelta(days=7)
ROOT = Path(__file__).resolve().parents[3]


class Office:
    """An installation with two stores, and its worker's hand."""

    def __init__(self, database: Database, tmp_path: Path, second_url: str) -> None:
        self.settings = Settings(
            environment="test", data_dir=tmp_path, objects_url=f"file:{tmp_path}/first", second_objects_url=second_url
        )
        self.database, objects = database, objects_of(self.settings)
        assert isinstance(objects, ReplicatedObjects)
        self.objects = objects
        self.start()

    def start(self) -> None:
        """A worker that has just been started."""
        system = System(self.settings, self.database, self.objects)
        self.replica = Replica(system, threading.Event())

    @property
    def second(self) -> Objects:
        return self.objects.second()

    def paper(self, name: str = "a.pdf") -> str:
        """Bring a paper of one page in; returns the key of its original."""
        document_id = put(self.database, self.objects, name, ["Một trang"])  # type: ignore[arg-type]
        return next(file.sha256 for file in rows(self.database, DocumentFile) if file.document_id == document_id)

    def catch_up(self) -> None:
        self.replica.catch_up()

    def check(self) -> None:
        """One round of checks."""
        while check_some(self.database, self.objects, every=WEEK, pause=lambda _size: None):
            pass

    def destroy(self, document_id: int) -> None:
        with self.database.writing() as session:
            document = session.get_one(Document, document_id)
            withhold(session, self.objects, document)
            destroy(session, self.objects, document)

    def acts(self, *which: str) -> list[str]:
        found = [entry.act for entry in rows(self.database, AuditEntry, subject_kind="object")]
        return [act for act in found if not which or act in which]

    def owed(self) -> dict[str, int]:
        return {str(act): count for act in Owed if (count := self.objects.debts.count(act, 99))}


def lying(folder: Path, key: str) -> Path:
    return folder / key[:2] / key[2:4] / key


def damage(folder: Path, key: str) -> None:
    path = lying(folder, key)
    path.chmod(0o600)
    path.write_bytes(b"X" + path.read_bytes()[1:])


def content(store: Objects, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


def is_whole(store: Objects, key: str) -> bool:
    try:
        verify(store, key)
    except NotWhole:
        return False
    return True


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def office(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Office:
    """One whose second store is of each kind."""
    (tmp_path / "second").mkdir()
    if request.param == "folder":
        return Office(database, tmp_path, f"file:{tmp_path}/second")
    server: SeaweedFS = request.getfixturevalue("seaweedfs")
    made = Office(database, tmp_path, server.url("second"))
    for key in list(made.second.keys()):
        made.second.remove(key)
    return made


@pytest.fixture
def beside(database: Database, tmp_path: Path) -> Office:
    """One whose second store is a folder."""
    (tmp_path / "second").mkdir()
    return Office(database, tmp_path, f"file:{tmp_path}/second")


def test_what_is_kept_comes_into_the_second_store_and_is_owed_until_then(office: Office) -> None:
    office.catch_up()
    key = office.paper()
    assert office.owed() == {"keep": 3}  # the original and two pictures
    assert not office.second.exists(key)
    office.catch_up()
    assert office.owed() == {}
    assert [is_whole(office.second, one) for one in office.objects.keys()] == [True, True, True]  # noqa: SIM118


def test_a_second_store_that_is_set_later_gets_all_that_is_there(office: Office) -> None:
    office.paper()
    for files in office.objects.debts.some(Owed.KEEP, 99).values():  # as if nobody had owed it
        office.objects.debts.settle(files)
    office.catch_up()
    assert len(list(office.second.keys())) == 3
    assert (office.objects.debts.standing().copied, office.objects.debts.standing().listing) == (3, "")


@pytest.mark.parametrize("how", ["damaged", "missing"])
def test_an_original_that_the_first_store_lost_is_given_from_the_second_and_mended(
    office: Office, tmp_path: Path, how: str
) -> None:
    office.catch_up()
    key = office.paper()
    office.catch_up()
    original = content(office.second, key)
    damage(tmp_path / "first", key) if how == "damaged" else lying(tmp_path / "first", key).unlink()
    assert content(office.objects, key) == original
    with office.objects.local_path(key) as path:
        assert path.read_bytes() == original
    assert not is_whole(office.objects.first, key)  # who reads waits for no mending
    office.catch_up()
    assert is_whole(office.objects.first, key)
    assert office.acts() == [f"object_{how}", "object_mended"]
    with office.database.reading() as session:
        assert not ObjectChecks(session).lost()
        assert [check.key for check in ObjectChecks(session).mended(9)] == [key]
        assert not has_alarm_due(session, office.settings)


def test_the_round_finds_what_the_first_store_lost_and_it_comes_back_without_an_alarm(office: Office, tmp_path: Path) -> None:
    office.catch_up()
    key = office.paper()
    office.catch_up()
    damage(tmp_path / "first", key)
    office.check()
    with office.database.reading() as session:
        assert [check.key for check in ObjectChecks(session).lost()] == [key]
        assert not has_alarm_due(session, office.settings)  # two minutes are left for mending
    office.catch_up()
    assert is_whole(office.objects, key)
    assert office.acts() == ["object_damaged", "object_mended"]


def test_the_round_compares_the_copies_and_a_lost_one_is_made_anew(beside: Office, tmp_path: Path) -> None:
    beside.catch_up()
    damaged, missing = beside.paper("a.pdf"), beside.paper("b.pdf")
    beside.catch_up()
    damage(tmp_path / "second", damaged)
    lying(tmp_path / "second", missing).unlink()
    beside.check()
    round_ = rows(beside.database, CheckRound)[-1]
    assert (round_.objects, round_.damaged, round_.missing, round_.copies, round_.copies_lost) == (6, 0, 0, 4, 2)
    beside.catch_up()
    assert is_whole(beside.second, damaged)
    assert is_whole(beside.second, missing)
    assert sorted(beside.acts()) == ["copy_damaged", "copy_mended", "copy_mended", "copy_missing"]


def test_what_both_stores_have_lost_is_named_lost_and_not_given(office: Office, tmp_path: Path) -> None:
    office.catch_up()
    key = office.paper()
    office.catch_up()
    damage(tmp_path / "first", key)
    office.second.remove(key)
    with pytest.raises(ObjectDamaged):
        office.objects.open(key)
    office.check()
    office.catch_up()
    with office.database.reading() as session:
        assert [(check.key, check.finding) for check in ObjectChecks(session).lost()] == [(key, "damaged")]
    with clock.at(now() + timedelta(minutes=3)), office.database.reading() as session:
        assert has_alarm_due(session, office.settings)


def test_a_damaged_copy_is_never_given_in_place_of_a_lost_original(beside: Office, tmp_path: Path) -> None:
    beside.catch_up()
    key = beside.paper()
    beside.catch_up()
    lying(tmp_path / "first", key).unlink()
    damage(tmp_path / "second", key)
    with pytest.raises(ObjectMissing):
        beside.objects.open(key)
    beside.check()
    beside.catch_up()
    assert not is_whole(beside.objects.first, key)
    with beside.database.reading() as session:
        assert [check.key for check in ObjectChecks(session).lost()] == [key]


def test_what_is_destroyed_goes_from_the_second_store_too(office: Office) -> None:
    office.catch_up()
    office.paper()
    office.catch_up()
    assert len(list(office.second.keys())) == 3
    office.destroy(1)
    office.catch_up()
    assert list(office.second.keys()) == []
    assert office.owed() == {}


def test_a_paper_destroyed_while_the_second_store_was_away_goes_when_it_is_back(beside: Office, tmp_path: Path) -> None:
    beside.catch_up()
    beside.paper()
    beside.catch_up()
    (tmp_path / "second").rename(tmp_path / "away")
    beside.destroy(1)
    beside.catch_up()
    assert beside.owed() == {"remove": 3}
    assert beside.objects.debts.standing().problem == "unknown"
    (tmp_path / "away").rename(tmp_path / "second")
    beside.start()  # the worker was killed meanwhile, too
    with clock.at(now() + timedelta(minutes=1)):
        beside.catch_up()
    assert list(beside.second.keys()) == []
    assert (beside.owed(), beside.objects.debts.standing().problem) == ({}, "")


def test_what_was_destroyed_while_another_store_was_set_stays_owed_to_that_one(
    beside: Office, database: Database, tmp_path: Path
) -> None:
    beside.paper()
    beside.catch_up()
    (tmp_path / "second").rename(tmp_path / "away")
    beside.destroy(1)
    (tmp_path / "third").mkdir()
    bought = Office(database, tmp_path, f"file:{tmp_path}/third")
    bought.catch_up()
    assert (bought.owed(), bought.objects.debts.elsewhere(99)) == ({}, 3)
    assert debts_of(Settings(environment="test", data_dir=tmp_path)).elsewhere(99) == 3  # also where none is set any more
    (tmp_path / "away").rename(tmp_path / "second")
    back = Office(database, tmp_path, f"file:{tmp_path}/second")
    back.catch_up()
    assert (list(back.second.keys()), back.owed(), back.objects.debts.elsewhere(99)) == ([], {}, 0)


def test_a_new_disk_under_the_same_address_is_another_store_and_gets_all_anew(beside: Office, tmp_path: Path) -> None:
    key, _other = beside.paper("a.pdf"), beside.paper("b.pdf")
    beside.catch_up()
    (tmp_path / "second").rename(tmp_path / "old")
    beside.destroy(2)  # while the old disk is away
    (tmp_path / "second" / "incoming").mkdir(parents=True)
    beside.start()
    beside.catch_up()
    debts = beside.objects.debts
    assert (beside.owed(), debts.elsewhere(99)) == ({}, 3)  # still lying on the old one
    assert len(rows(beside.database, AuditEntry, act="second_store_replaced")) == 1
    assert debts.standing().another_since
    assert is_whole(beside.second, key)
    (tmp_path / "second").rename(tmp_path / "new")
    (tmp_path / "old").rename(tmp_path / "second")
    beside.start()
    with suppress(StoreUnavailable):
        debts.note(replace(debts.standing(), looked_at=""))  # a minute later
        beside.catch_up()
    assert debts.elsewhere(99) == 0
    assert sorted(beside.second.keys()) == sorted(beside.objects.first.keys())


def test_an_emptied_folder_is_another_store_once_somebody_says_that_it_may_be_filled(beside: Office, tmp_path: Path) -> None:
    key = beside.paper()
    beside.catch_up()
    shutil.rmtree(tmp_path / "second")
    (tmp_path / "second").mkdir()
    debts = beside.objects.debts
    debts.note(replace(debts.standing(), looked_at=""))
    beside.catch_up()
    assert (debts.standing().problem, list((tmp_path / "second").iterdir())) == ("unknown", [])
    (tmp_path / "second" / "incoming").mkdir()
    debts.note(replace(debts.standing(), looked_at=""))
    beside.catch_up()
    assert debts.standing().another_since
    assert is_whole(beside.second, key)


def test_the_same_disk_under_another_address_is_the_same_store(beside: Office, database: Database, tmp_path: Path) -> None:
    beside.paper()
    beside.catch_up()
    (tmp_path / "second").rename(tmp_path / "moved")
    beside.destroy(1)
    moved = Office(database, tmp_path, f"file:{tmp_path}/moved")
    moved.catch_up()
    assert (list(moved.second.keys()), moved.owed(), moved.objects.debts.elsewhere(99)) == ([], {}, 0)
    assert rows(database, AuditEntry, act="second_store_replaced") == []


def test_removals_that_were_written_down_before_the_store_had_a_name_stay_with_it(beside: Office, tmp_path: Path) -> None:
    beside.objects.debts.owe(Owed.REMOVE, "ab" * 32)
    with suppress(StoreUnavailable):
        beside.objects.second().identity()
    beside.objects.debts.belong_to("first-disk")
    assert (beside.owed(), beside.objects.debts.elsewhere(99)) == ({}, 1)
    assert beside.objects.debts.give_up() == 1
    assert beside.objects.debts.elsewhere(99) == 0


@pytest.mark.parametrize("second", ["first/", "first/../first", "first/second", ".", "link"])
def test_the_first_store_written_otherwise_and_what_lies_in_it_is_no_second_store(tmp_path: Path, second: str) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "first")
    environ = {"KHONGGIAY_OBJECTS_URL": f"file:{tmp_path}/first", "KHONGGIAY_SECOND_OBJECTS_URL": f"file:{tmp_path}/{second}"}
    with pytest.raises(SettingsRefused, match="SECOND_OBJECTS_URL"):
        read_settings(environ)
    read_settings(environ | {"KHONGGIAY_SECOND_OBJECTS_URL": f"file:{tmp_path}/first2"})


def test_one_bucket_under_other_credentials_is_no_second_store() -> None:
    environ = {
        "KHONGGIAY_OBJECTS_URL": "s3://a:b@host:9000/papers",
        "KHONGGIAY_SECOND_OBJECTS_URL": "s3s://c:d@host:9000/papers/",
    }
    with pytest.raises(SettingsRefused, match="SECOND_OBJECTS_URL"):
        read_settings(environ)


def test_a_removal_that_was_rolled_back_takes_no_copy_away(beside: Office) -> None:
    beside.catch_up()
    key = beside.paper()
    beside.catch_up()
    with suppress(KeyboardInterrupt), beside.database.writing() as session:
        document = session.get_one(Document, 1)
        withhold(session, beside.objects, document)
        destroy(session, beside.objects, document)
        raise KeyboardInterrupt  # killed before the commit: the records still stand
    beside.catch_up()
    assert is_whole(beside.second, key)
    for files in beside.objects.debts.some(Owed.REMOVE, 99).values():
        for file in files:
            os.utime(file, (time.time() - 120, time.time() - 120))
    beside.catch_up()  # that transaction is over, so nobody waits for its commit, and what it took away is back
    assert beside.owed() == {}
    assert is_whole(beside.objects.first, key)
    beside.destroy(1)
    beside.catch_up()
    assert list(beside.second.keys()) == []


def test_nothing_comes_back_that_somebody_is_removing(beside: Office, tmp_path: Path) -> None:
    beside.catch_up()
    key = beside.paper()
    beside.catch_up()
    beside.objects.remove(key)  # within a transaction that is not committed yet
    beside.check()
    beside.catch_up()
    assert not lying(tmp_path / "first", key).exists()


@pytest.mark.parametrize("how", ["away", "full", "read-only"])
def test_a_second_store_that_refuses_stops_no_work_and_gets_all_when_it_is_well(
    beside: Office, tmp_path: Path, how: str
) -> None:
    beside.catch_up()
    with refusing(tmp_path / "second", how):
        key = beside.paper()
        beside.catch_up()
        assert content(beside.objects, key).startswith(b"%PDF")
        assert beside.owed() == {"keep": 3}
        assert beside.objects.debts.standing().problem == {"away": "unknown", "full": "full", "read-only": "read_only"}[how]
    beside.catch_up()
    assert beside.owed() == {"keep": 3}  # not before it is its time again
    with clock.at(now() + timedelta(minutes=1)):
        beside.catch_up()
    assert (beside.owed(), beside.objects.debts.standing().problem) == ({}, "")
    assert is_whole(beside.second, key)


class refusing:  # noqa: N801 - it reads as a verb
    """A folder that refuses for as long as the block lasts: gone, on a disk without room, or on one that can only be read."""

    def __init__(self, folder: Path, how: str) -> None:
        self.folder, self.how = folder, how

    def __enter__(self) -> None:
        if self.how == "away":
            self.folder.rename(self.folder.with_name("elsewhere"))
            return
        if os.geteuid() != 0:
            pytest.skip("only root mounts a disk")
        options = "size=64k" if self.how == "full" else "size=8m"
        if os.system(f"mount -t tmpfs -o {options} tmpfs {self.folder}"):  # noqa: S605 - our own folder
            pytest.skip("nothing can be mounted here")
        (self.folder / "incoming").mkdir()
        if self.how == "full":
            with suppress(OSError), (self.folder / "filler").open("wb", buffering=0) as filler:
                while True:
                    filler.write(b"\0" * 4096)
        else:
            os.system(f"mount -o remount,ro {self.folder}")  # noqa: S605

    def __exit__(self, *_: object) -> None:
        if self.how == "away":
            self.folder.with_name("elsewhere").rename(self.folder)
        else:
            os.system(f"umount {self.folder}")  # noqa: S605


def test_the_bare_place_of_a_disk_that_is_not_mounted_is_no_empty_store(beside: Office, tmp_path: Path) -> None:
    beside.catch_up()
    beside.paper()
    beside.catch_up()
    (tmp_path / "second").rename(tmp_path / "away")
    (tmp_path / "second").mkdir()
    with pytest.raises(StoreUnavailable):
        beside.objects.second()
    assert list((tmp_path / "second").iterdir()) == []


def test_a_removal_waits_for_nobody_when_the_second_store_is_full(beside: Office, tmp_path: Path) -> None:
    beside.catch_up()
    beside.paper("a.pdf")
    beside.catch_up()
    (tmp_path / "second" / "incoming").rmdir()
    (tmp_path / "second" / "incoming").write_bytes(b"")  # no copy can be written there, but what is there can go
    standing = beside.objects.debts.standing()
    beside.objects.debts.note(replace(standing, listed_at=""))
    beside.paper("b.pdf")
    beside.destroy(1)
    beside.objects._second = beside.objects.second()
    beside.catch_up()
    assert beside.owed() == {"keep": 3}
    assert list((tmp_path / "second").glob("??/??/*")) == []


def test_an_empty_database_empties_no_second_store(beside: Office, tmp_path: Path) -> None:
    (tmp_path / "second" / "incoming").mkdir()
    key, _size = open_objects(f"file:{tmp_path}/second").put(io.BytesIO(b"the only copy"))
    beside.catch_up()
    assert is_whole(beside.second, key)


_HAND = """
import sys, threading
from pathlib import Path
from ocr_worker.keeping import Replica
from ocr_worker.system import System
from storage.ground.database import Database
from storage.ground.settings import Settings
from storage.ground.stores import objects_of
folder, url = sys.argv[1:]
stores = {"objects_url": f"file:{folder}/first", "second_objects_url": f"file:{folder}/second"}
settings = Settings(environment="test", data_dir=Path(folder), **stores)
Replica(System(settings, Database(url), objects_of(settings)), threading.Event()).catch_up()
"""


def test_a_worker_killed_while_it_copies_removes_and_mends_leaves_nothing_undone(beside: Office, tmp_path: Path) -> None:
    beside.catch_up()
    keys = [beside.paper(f"{number}.pdf") for number in range(40)]
    for round_ in range(6):
        hand = subprocess.Popen(
            [sys.executable, "-c", _HAND, str(tmp_path), beside.database.url],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
        )
        copies = 20 * round_
        while len(list((tmp_path / "second").glob("??/??/*"))) < copies and hand.poll() is None:
            time.sleep(0.002)
        hand.kill()
        hand.wait()
    copied = [key for key in keys[:39] if beside.second.exists(key)]
    lying(tmp_path / "first", copied[0]).unlink()
    damage(tmp_path / "first", copied[1])
    beside.check()
    beside.destroy(40)
    beside.catch_up()
    kept = {file.sha256 for file in rows(beside.database, DocumentFile)}
    assert keys[39] not in kept
    assert sorted(beside.second.keys()) == sorted(beside.objects.first.keys())
    assert all(is_whole(beside.second, key) and is_whole(beside.objects.first, key) for key in keys[:39])
    assert beside.owed() == {}
