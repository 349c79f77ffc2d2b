"""Office files become PDF by whatever is called soffice; where nothing is, or it fails, the file stays as it is and says why."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from openpyxl import Workbook

from domain.ground.files import OFFICE_TYPES
from ocr_worker.conversion import convert
from ocr_worker.pipeline import office
from ocr_worker.pipeline.reader import Reader
from ocr_worker.system import System
from ocr_worker.tasks import reader
from storage.archive.documents import Document
from storage.archive.work import Ledger
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.meetings.meetings import Meeting
from storage.meetings.papers import Papers, PaperVersion
from tests.cast import gather
from tests.meetings import gather_meeting

MAKES_PDF = """import pathlib, sys
assert sys.argv[1].startswith("-env:UserInstallation=file://") and "--headless" in sys.argv
source, folder = pathlib.Path(sys.argv[-1]), pathlib.Path(sys.argv[-2])
assert source.read_bytes().startswith(b"PK") and source.suffix == ".docx"
folder.mkdir()
(folder / "paper.pdf").write_bytes(b"%PDF-1.7 made of " + source.read_bytes())
"""


@pytest.fixture
def soffice(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a program of this text on the path, as LibreOffice."""

    def soffice(text: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "soffice").write_text(f"#!{os.path.realpath(sys.executable)}\n{text}", encoding="utf-8")
        (folder / "soffice").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        reader(system).close()  # its sandbox knows the old path

    return soffice


@pytest.fixture
def version_id(database: Database, objects: FolderObjects) -> int:
    gathering = gather_meeting(database, gather(database))
    key, size = objects.put(io.BytesIO(b"PK\x03\x04 a Word file"))
    with database.writing() as session:
        papers = Papers(session, session.get_one(Meeting, gathering.meeting))
        paper = papers.add(None, "Báo cáo")
        media_type = OFFICE_TYPES["docx"]
        return papers.add_version(paper, file_name="Báo cáo.docx", media_type=media_type, size=size, person_id=1, sha256=key).id


def conversion_of(database: Database, version_id: int) -> str:
    with database.reading() as session:
        return session.get_one(PaperVersion, version_id).conversion


def test_where_libreoffice_is_not_installed_the_file_stays_as_it_is(
    system: System, version_id: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "PROGRAMS", ("no-such-program",))
    assert convert(system)
    assert conversion_of(database, version_id) == "not_installed"
    assert not convert(system)


def test_an_office_file_becomes_a_document_that_is_read_like_any_other(
    system: System, version_id: int, database: Database, soffice: Callable[[str], None]
) -> None:
    soffice(MAKES_PDF)
    assert convert(system)
    with database.reading() as session:
        version = session.get_one(PaperVersion, version_id)
        document = session.query(Document).one()
        assert (version.conversion, version.document_id) == ("done", document.id)
        assert (document.name, document.circle) == ("Báo cáo.docx.pdf", "meeting:1:preparing")
        assert [work.page for work in Ledger(session).of(document.id)] == [0]
        assert not version.is_checked
    assert not convert(system)


@pytest.mark.parametrize("text", ["raise SystemExit(77)", "pass  # ends well and leaves nothing"])
def test_a_file_that_it_cannot_open_stays_as_it_is(
    system: System, version_id: int, database: Database, soffice: Callable[[str], None], text: str
) -> None:
    soffice(text)
    assert convert(system)
    assert conversion_of(database, version_id) == "truncated"
    assert not convert(system)
    with database.reading() as session:
        assert session.get_one(PaperVersion, version_id).is_checked


@pytest.mark.parametrize("word", ["", "waiting", "done", "a word of tomorrow"])
def test_an_office_file_without_a_document_is_checked_only_where_it_is_known_to_have_no_pdf(
    database: Database, version_id: int, word: str
) -> None:
    with database.writing() as session:
        version = session.get_one(PaperVersion, version_id)
        version.conversion = word
        assert not version.is_checked


def test_a_program_that_goes_in_circles_is_killed(
    system: System, version_id: int, database: Database, soffice: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr_worker.pipeline.reader.OFFICE_CPU_S", 1.0)
    soffice("while True: pass")
    assert convert(system)
    assert conversion_of(database, version_id) == "timed_out"


def test_what_waited_in_vain_is_converted_once_libreoffice_is_there(
    system: System, version_id: int, database: Database, soffice: Callable[[str], None]
) -> None:
    with database.writing() as session:
        session.get_one(PaperVersion, version_id).conversion = "not_installed"
    soffice(MAKES_PDF)
    assert convert(system)
    assert conversion_of(database, version_id) == "done"


@pytest.mark.reading
@pytest.mark.skipif(office.program() is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_the_real_one_works_behind_the_walls(tmp_path: Path, ending: str) -> None:
    source = tmp_path / "stored"
    if ending == "docx":
        word = docx.Document()
        word.add_paragraph("Liên đoàn Lao động")
        word.save(str(source))
    else:
        book = Workbook()
        book.create_sheet("Sổ", 0)["A1"] = "Liên đoàn Lao động"
        book.save(source)
    with Reader() as reading:
        made = tmp_path / "made.pdf"
        made.write_bytes(reading.office_pdf(source, ending))
        assert "Liên đoàn Lao động" in reading.read_page(made, 1).text
