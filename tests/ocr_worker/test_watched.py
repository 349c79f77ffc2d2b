import os
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import select

from domain.archive.intake import Outcome
from ocr_worker.system import System
from ocr_worker.watched import take_in
from storage.archive.documents import Document
from storage.archive.intake import Batch, Receipt
from storage.archive.watched_folder import SLIP, waiting_for_slip
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import StoreUnavailable

PDF = b"%PDF-1.7 one"
JPEG = b"\xff\xd8\xff\xe0"


@pytest.fixture
def root(system: System) -> Path:
    assert system.settings.watched_dir
    system.settings.watched_dir.mkdir()
    return system.settings.watched_dir


def put(root: Path, name: str, content: bytes, *, age_s: float = 60.0) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = path.stat().st_mtime - age_s
    os.utime(path, (moment, moment))
    return path


def outcomes(system: System) -> dict[str, object]:
    with system.database.reading() as session:
        return {receipt.name: receipt.outcome for receipt in session.scalars(select(Receipt))}


def test_nothing_is_taken_in_without_the_slip_of_whoever_checked(system: System, root: Path) -> None:
    path = put(root, "lo-1/a.pdf", PDF)
    take_in(system, root)
    assert outcomes(system) == {}
    assert path.exists()
    assert waiting_for_slip(root) == ["lo-1"]


def test_with_the_slip_files_are_kept_and_moved_aside_with_the_name_of_who_attests(system: System, root: Path) -> None:
    path = put(root, "lo-1/hop-2/a.pdf", PDF)
    put(root, f"lo-1/{SLIP}", "Trần Thị Lan\n".encode())
    take_in(system, root)
    assert outcomes(system) == {"lo-1/hop-2/a.pdf": Outcome.KEPT}
    assert not path.exists()
    assert (root / "da-nhap/lo-1/hop-2/a.pdf").read_bytes() == PDF
    with system.database.reading() as session:
        batch = session.scalars(select(Batch)).one()
        assert (batch.source, batch.name, batch.attested_by) == ("folder", "lo-1", "Trần Thị Lan")
    assert waiting_for_slip(root) == []


def test_a_refused_file_goes_aside_with_its_reason_and_the_rest_goes_on(system: System, root: Path) -> None:
    put(root, "lo-1/a.docx", b"PK\x03\x04")
    put(root, "lo-1/b.pdf", PDF)
    put(root, f"lo-1/{SLIP}", b"Lan")
    take_in(system, root)
    assert outcomes(system) == {"lo-1/a.docx": Outcome.REFUSED, "lo-1/b.pdf": Outcome.KEPT}
    assert (root / "khong-nhan/lo-1/a.docx").exists()
    assert (
        root / "khong-nhan/lo-1/a.docx.txt"
    ).read_text() == "Tệp soạn thảo hoặc bảng tính; hãy xuất ra PDF rồi nhập bản PDF.\n"


def test_what_lies_in_the_watched_folder_is_for_its_people_though_all_else_is_for_us_alone(system: System, root: Path) -> None:
    root.mkdir(exist_ok=True)
    root.chmod(0o775)
    before = os.umask(0o077)
    try:
        put(root, "lo-1/a.docx", b"PK\x03\x04")
        put(root, f"lo-1/{SLIP}", b"Lan")
        take_in(system, root)
    finally:
        os.umask(before)
    assert oct((root / "khong-nhan/lo-1").stat().st_mode & 0o777) == "0o775"
    assert oct((root / "khong-nhan/lo-1/a.docx.txt").stat().st_mode & 0o777) == "0o664"


def test_a_file_that_is_still_being_written_is_left_alone(system: System, root: Path) -> None:
    put(root, f"lo-1/{SLIP}", b"Lan")
    put(root, "lo-1/a.pdf", PDF, age_s=0)
    take_in(system, root)
    assert outcomes(system) == {}


def test_what_was_cut_short_goes_on_in_the_same_batch_and_keeps_pages_together(
    system: System, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in (1, 2):
        put(root, f"lo-1/to_p{part}.jpg", JPEG + bytes([part]))
    put(root, f"lo-1/{SLIP}", b"Lan")
    put_object, calls = type(system.objects).put, []

    def dies_at_the_second(self: FolderObjects, stream: BinaryIO, *, limit: int | None = None) -> tuple[str, int]:
        calls.append(1)
        if len(calls) == 2:
            raise StoreUnavailable
        return put_object(self, stream, limit=limit)

    monkeypatch.setattr(type(system.objects), "put", dies_at_the_second)
    take_in(system, root)
    assert (root / "lo-1/to_p1.jpg").exists()
    take_in(system, root)
    with system.database.reading() as session:
        document = session.scalars(select(Document)).one()
        assert [file.name for file in document.files] == ["to_p1.jpg", "to_p2.jpg"]
        assert len(session.scalars(select(Batch)).all()) == 1
    assert sorted(path.name for path in (root / "da-nhap/lo-1").iterdir()) == ["to_p1.jpg", "to_p2.jpg"]
