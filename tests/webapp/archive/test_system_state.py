"""The page of the system's state: for who keeps the installation, true where things are ill, and two orders to the worker."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from domain.ground import clock
from domain.ground.clock import now
from domain.ground.fixity import Finding
from domain.ground.keeping import Order
from ocr_worker import keeping
from ocr_worker.system import System as WorkerSystem
from storage.archive.clock_jumps import ClockJumps
from storage.archive.documents import DocumentFile
from storage.archive.heartbeat import beat
from storage.archive.orders import KeepingOrder, KeepingOrders
from storage.ground.audit import AuditEntry
from storage.ground.backup.records import BackupRun
from storage.ground.database import Database
from storage.ground.fixity.checks import ObjectChecks
from storage.ground.fixity.rounds import CheckRound
from storage.ground.mail import Mail, Outbox
from storage.ground.replica.debts import Owed, Standing
from storage.ground.replica.objects import ReplicatedObjects
from storage.ground.settings import Settings
from storage.people.people import Person
from tests.cast import Cast
from tests.stored import rows
from tests.webapp.archive.papers import put
from tests.webapp.conftest import ClientOf
from webapp.ground.system import System

PAGE = "/admin/system"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environment="test", data_dir=tmp_path, backup_dir=tmp_path / "backups")


def worker(system: System) -> WorkerSystem:
    return WorkerSystem(system.settings, system.database, system.objects)


def test_only_who_keeps_the_installation_sees_it(client_of: ClientOf) -> None:
    assert client_of("administrator").get(PAGE).status_code == 200
    for login in ("archivist", "clerk", "staff", "leader", "member", "stranger"):
        assert client_of(login).get(PAGE).status_code == 403
        assert client_of(login).post(f"{PAGE}/back_up").status_code == 403


def test_a_new_installation_says_what_is_missing_and_nothing_that_is_not_so(client_of: ClientOf) -> None:
    said = client_of("administrator").get(PAGE).text
    for sentence in (
        "Chưa có lần sao lưu nào.",
        "Chưa có vòng kiểm tra nào.",
        "Không có tệp nào được biết là hỏng hoặc mất.",
        "Mỗi tệp chỉ có một bản.",
        "Không có thư nào đang chờ gửi.",
        "Worker chưa thấy đồng hồ bị chỉnh lần nào.",
        "Worker chưa chạy hoặc đã im lặng quá 90 giây",
    ):
        assert sentence in said
    assert "Mọi thứ đều ổn" not in said


def test_a_lost_file_is_listed_with_its_document_and_a_mended_one_after_it(
    client_of: ClientOf, system: System, database: Database
) -> None:
    put(database, system.objects, "ke-hoach.pdf", ["Hòa giải"])  # type: ignore[arg-type]
    key = rows(database, DocumentFile)[0].sha256
    with database.writing() as session:
        ObjectChecks(session).note(key, Finding.MISSING, actor="worker")
    said = client_of("administrator").get(PAGE).text
    assert key in said
    assert '<a href="/archive/documents/1">Tài liệu số 1</a>' in said
    assert "ke-hoach.pdf" not in said  # its name is for those who may know of the paper
    with database.writing() as session:
        ObjectChecks(session).note_mended(key, actor="worker")
    said = client_of("administrator").get(PAGE).text
    assert "Đã lấy lại từ kho thứ hai" in said
    assert "Không có tệp nào được biết là hỏng hoặc mất." in said


def test_backups_rounds_mail_and_jumps_are_told(client_of: ClientOf, database: Database, cast: Cast) -> None:
    with database.writing() as session:
        session.add(BackupRun(begun_at=now(), ended_at=now(), problem="place", place="/backup"))
        begun = now() - timedelta(seconds=10)
        session.add(
            CheckRound(
                begun_at=begun,
                ended_at=begun + timedelta(seconds=10),
                objects=3,
                object_bytes=50 << 20,
                damaged=1,
                missing=0,
            )
        )
        ClockJumps(session).note(timedelta(hours=-2))
        person = session.get_one(Person, cast.people["clerk"])
        Outbox(session).add("a", "task", person, subject="Nhiệm vụ", text="…")
        session.flush()
        Outbox(session).postpone_due("server_away", "refused")
    said = client_of("administrator").get(PAGE).text
    for sentence in (
        "Không ghi được vào nơi sao lưu: hết chỗ hoặc không có quyền",
        "5,0 MB mỗi giây",
        "lùi lại 7.200 giây",
        "1 thư đang chờ gửi",
        "Máy chủ thư không trả lời; hệ thống sẽ tự gửi lại.",
    ):
        assert sentence in said


@pytest.mark.parametrize(("problem", "sentence"), [("", "chờ xóa ở kho thứ hai: 1"), ("full", "Kho thứ hai đã đầy.")])
def test_what_the_second_store_is_owed_is_told(
    app: Flask, client_of: ClientOf, system: System, tmp_path: Path, problem: str, sentence: str
) -> None:
    from storage.ground.stores import objects_of

    (tmp_path / "second").mkdir()
    with_second = Settings(environment="test", data_dir=tmp_path, second_objects_url=f"file:{tmp_path}/second")
    objects = objects_of(with_second)
    assert isinstance(objects, ReplicatedObjects)
    app.extensions["khonggiay"] = System(with_second, system.database, objects, system.index)
    objects.debts.owe(Owed.REMOVE, "0" * 64)
    at = now().isoformat()
    objects.debts.note(Standing(place=objects.debts.place, looked_at=at, problem=problem, problem_since=at, listed_at=at))
    assert sentence in client_of("administrator").get(PAGE).text


def ordered(client_of: ClientOf, act: str) -> str:
    client = client_of("administrator")
    answer = client.post(f"{PAGE}/{act}")
    assert (answer.status_code, answer.location) == (303, PAGE)
    return client.get(PAGE).text


def test_a_backup_that_is_ordered_is_made_at_once_and_the_order_is_in_the_trail(
    client_of: ClientOf, system: System, database: Database
) -> None:
    keeping.back_up(worker(system))  # that of the day
    assert "đang chờ worker" in ordered(client_of, "back_up")
    assert "đang chờ worker làm xong" in ordered(client_of, "back_up")  # twice is once
    assert [order.act for order in rows(database, KeepingOrder)] == [Order.BACK_UP]
    with clock.at(now() + timedelta(seconds=2)):  # backups are named by the second
        keeping.back_up(worker(system))
        keeping.back_up(worker(system))  # done once
    assert [run.problem for run in rows(database, BackupRun)] == ["", ""]
    assert rows(database, KeepingOrder)[0].ended_at
    assert [entry.actor for entry in rows(database, AuditEntry, act="backup_ordered")] == ["Đặng Quản Trị"]


def test_an_order_that_cannot_be_done_says_so(client_of: ClientOf, system: System, database: Database, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("no folder")
    ordered(client_of, "back_up")
    keeping.back_up(worker(system))
    assert [order.problem for order in rows(database, KeepingOrder)] == ["place"]
    assert "không làm được, lý do ở bảng trên" in client_of("administrator").get(PAGE).text


def test_a_check_that_is_ordered_reads_all_files_though_none_is_due(
    client_of: ClientOf, system: System, database: Database
) -> None:
    put(database, system.objects, "a.pdf", ["Hòa giải"])  # type: ignore[arg-type]
    keeping.check(worker(system), threading.Event())
    ordered(client_of, "check")
    keeping.check(worker(system), threading.Event())
    keeping.check(worker(system), threading.Event())
    assert [(one.objects, one.ended_at is not None) for one in rows(database, CheckRound)] == [(3, True), (3, True)]
    assert rows(database, KeepingOrder)[0].ended_at


def test_an_order_survives_a_worker_that_is_killed_over_it(client_of: ClientOf, system: System, database: Database) -> None:
    ordered(client_of, "check")
    with database.writing() as session:
        KeepingOrders(session).begin(1)
    assert "worker đang làm" in client_of("administrator").get(PAGE).text
    keeping.check(worker(system), threading.Event())
    assert rows(database, KeepingOrder)[0].ended_at


def test_without_a_place_for_backups_none_is_ordered(
    client_of: ClientOf, app: Flask, system: System, database: Database
) -> None:
    app.extensions["khonggiay"] = System(Settings(data_dir=system.settings.data_dir), database, system.objects, system.index)
    assert "KHONGGIAY_BACKUP_DIR" in ordered(client_of, "back_up")
    assert rows(database, KeepingOrder) == []
    assert client_of("administrator").post(f"{PAGE}/nothing").status_code == 404


def test_when_all_is_well_it_says_so(
    client_of: ClientOf, system: System, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(system.settings)
    keeping.back_up(worker(system))
    system.settings.data_dir.chmod(0o700)
    said = client_of("administrator").get(PAGE).text
    assert ("Mọi thứ đều ổn." in said) is ("Thiếu" not in said.partition('id="walls"')[2])
    assert "đang giữ 1 bản" in said


def test_mail_that_a_wrong_clock_has_put_off_for_years_goes_out(system: System, database: Database, cast: Cast) -> None:
    with database.writing() as session:
        Outbox(session).add("a", "task", session.get_one(Person, cast.people["clerk"]), subject="Nhiệm vụ", text="…")
        session.flush()
        session.query(Mail).one().next_try_at = now() + timedelta(days=900)
        assert not Outbox(session).has_due()
        Outbox(session).bring_forward()
        assert Outbox(session).has_due()
