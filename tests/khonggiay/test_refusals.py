"""What a command says that cannot go on: a line in Vietnamese and an exit status, never a traceback."""

import io
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from khonggiay.refusals import expected_in_words, told
from ocr_worker.celery import BrokerUnavailable
from ocr_worker.refusals import EngineMissing
from search.index import Condition, IndexCorrupt, IndexLocked, IndexState, IndexUnfit
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import _PARSERS, SettingsRefused
from storage.tables import ReferencesBroken


@pytest.fixture
def run(
    tmp_path: Path, database: Database, objects: FolderObjects, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command as people do, on an installation that is prepared."""
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")

    def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        for name, value in environ.items():
            monkeypatch.setenv(f"KHONGGIAY_{name.upper()}", value)
        command = [sys.executable, "-m", "khonggiay", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    return run


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return listener.getsockname()[1]


def test_every_wrong_setting_is_named_in_vietnamese(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    answer = run("status", port="0", readers="many", log_level="loud", nonsense="1")
    assert answer.returncode == 2
    assert sorted(answer.stderr.splitlines()) == [
        "KHONGGIAY_LOG_LEVEL: cần một trong: debug, info, warning, error.",
        "KHONGGIAY_NONSENSE: cần bỏ đi, vì không có cài đặt nào tên như vậy.",
        "KHONGGIAY_PORT: cần một số nguyên từ 1 đến 65535.",
        "KHONGGIAY_READERS: cần một số nguyên từ 1 đến 64.",
    ]


@pytest.mark.parametrize("expected", sorted({expected for _, expected in _PARSERS.values()}))
def test_whatever_a_setting_must_be_has_vietnamese_words(expected: str) -> None:
    assert expected_in_words(expected) != expected


def test_a_database_server_that_is_down_is_one_line(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    answer = run("status", database_url=f"postgresql+psycopg://a:b@127.0.0.1:{free_port()}/c")
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        "Máy chủ cơ sở dữ liệu không trả lời hoặc từ chối. Hãy kiểm tra KHONGGIAY_DATABASE_URL và máy chủ, rồi chạy lại."
    ]


def test_a_file_that_is_no_database_is_one_line(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "thu.txt").write_text("một lá thư, không phải cơ sở dữ liệu")
    answer = run("status", database_url=f"sqlite:///{tmp_path}/thu.txt")
    assert (answer.returncode, len(answer.stderr.splitlines())) == (1, 1)
    assert answer.stderr.startswith("Tệp ở KHONGGIAY_DATABASE_URL bị hỏng hoặc không phải cơ sở dữ liệu.")


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("UPDATE alembic_version SET version_num = '20991231_0000'", "Cơ sở dữ liệu đã được một phiên bản mới hơn"),
        ("UPDATE alembic_version SET version_num = 'older'", "Cơ sở dữ liệu không phải của chương trình này"),
        ("DELETE FROM alembic_version", "Cơ sở dữ liệu không phải của chương trình này"),
        ("DROP TABLE alembic_version", "Cơ sở dữ liệu không phải của chương trình này"),
    ],
)
def test_no_command_touches_a_database_that_it_does_not_know(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, said: str, begins: str
) -> None:
    file = tmp_path / "khonggiay.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        database.execute(said)
        database.commit()
        before = list(database.iterdump())
    for command in ("migrate", "status"):
        answer = run(command)
        assert (answer.returncode, len(answer.stderr.splitlines())) == (1, 1), answer.stderr
        assert answer.stderr.startswith(begins)
    with closing(sqlite3.connect(file)) as database:
        assert list(database.iterdump()) == before


@pytest.mark.parametrize("command", ["web", "worker", "status"])
def test_no_program_starts_on_a_database_that_is_not_prepared(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, command: str
) -> None:
    answer = run(command, database_url=f"sqlite:///{tmp_path}/new.sqlite3")
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == ["Cơ sở dữ liệu còn trống, chưa được chuẩn bị. Hãy chạy: khonggiay migrate"]


def test_an_upgrade_that_breaks_references_says_that_nothing_is_changed() -> None:
    status, lines = told(ReferencesBroken("pages", "documents"))
    assert (status, len(lines)) == (1, 1)
    assert "(pages, documents); không có gì bị thay đổi" in lines[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
@pytest.mark.parametrize("words", [("status",), ("migrate",), ("verify",), ("web",), ("worker",)], ids=" ".join)
def test_on_a_disk_that_can_only_be_read_every_command_says_so(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, migrated: Path, words: tuple[str, ...]
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", disk], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        shutil.copy(migrated, disk / "khonggiay.sqlite3")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        answer = run(*words, data_dir=str(disk), port=str(free_port()))
    finally:
        subprocess.run(["umount", disk], check=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Cơ sở dữ liệu chỉ cho đọc; chưa có gì được lưu.")
    assert "Traceback" not in answer.stderr


def test_a_store_that_can_be_none_is_one_line(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = run("verify", objects_url=f"file:{tmp_path}/file")
    assert answer.returncode == 1
    assert answer.stderr.startswith("Kho tệp không trả lời, từ chối hoặc hết chỗ.")
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_worker_without_its_broker_says_so_and_ends(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    answer = run("worker", broker_url=f"amqp://a:b@127.0.0.1:{free_port()}/")
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith("Không nối được máy chủ tin nhắn")
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("error", "status", "begins"),
    [
        (IndexCorrupt("1"), 1, "Chỉ mục tìm kiếm bị hỏng"),
        (IndexUnfit(IndexState(Condition.MISSING, 0, 2, 7)), 1, "Chưa có chỉ mục tìm kiếm"),
        (IndexUnfit(IndexState(Condition.UNLIKE, 3, 2, 7)), 1, "Chỉ mục tìm kiếm không khớp với sổ"),
        (IndexUnfit(IndexState(Condition.DAMAGED, 3, 2, 7)), 1, "Chỉ mục tìm kiếm bị hỏng"),
        (IndexLocked("1"), 1, "Chương trình khác đang ghi chỉ mục"),
        (EngineMissing("tesseract"), 1, "Máy này chưa có Tesseract"),
        (BrokerUnavailable(), 1, "Không nối được máy chủ tin nhắn"),
        (PermissionError(13, "Permission denied", "/x"), 1, "Không đọc hoặc ghi được /x"),
        (SettingsRefused([("KHONGGIAY_PORT", "a folder")]), 2, "KHONGGIAY_PORT: cần một thư mục."),
    ],
)
def test_what_may_fail_has_one_sentence(error: Exception, status: int, begins: str) -> None:
    said = told(error)
    assert said[0] == status
    assert len(said[1]) == 1
    assert said[1][0].startswith(begins)


def test_a_fault_of_ours_is_not_hidden() -> None:
    assert told(ValueError("fault")) == (1, [])


def test_a_file_that_cannot_be_read_is_reported_and_the_others_come_in(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder = tmp_path / "lot"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 mot")
    (folder / "b.pdf").symlink_to(tmp_path / "nowhere.pdf")
    answer = run("import", "--attest-no-secrets", folder / "a.pdf", tmp_path / "khong-co.pdf", folder / "b.pdf")
    assert answer.returncode == 1
    assert f"{tmp_path}/khong-co.pdf: không đọc được, để nguyên tại chỗ (không có tệp này)" in answer.stdout
    assert "Đã nhận 1, đã có 0, không nhận 0, không đọc được 2." in answer.stdout


def test_a_document_of_several_files_comes_in_whole_or_not_at_all(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "to_p1.jpg").write_bytes(b"\xff\xd8\xff\xe0 mot")
    answer = run("import", "--attest-no-secrets", tmp_path / "to_p1.jpg", tmp_path / "to_p2.jpg")
    assert answer.returncode == 1
    assert "Đã nhận 0, đã có 0, không nhận 0, không đọc được 2." in answer.stdout


def test_a_name_that_is_no_text_comes_in_all_the_same(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "lot").mkdir()
    with open(bytes(tmp_path) + b"/lot/to-tr\xecnh.pdf", "wb") as file:
        file.write(b"%PDF-1.7 mot")
    answer = run("import", "--attest-no-secrets", tmp_path / "lot")
    assert answer.returncode == 0, answer.stderr
    assert "Đã nhận 1, " in answer.stdout


def test_orphans_are_counted_and_the_young_ones_stay(
    run: Callable[..., subprocess.CompletedProcess[str]], objects: FolderObjects
) -> None:
    objects.put(io.BytesIO(b"lost"))
    answer = run("verify", "--remove-orphans")
    assert answer.returncode == 0
    assert "1 tệp (4 byte) không bản ghi nào nhắc tới; đã xóa 0." in answer.stdout
