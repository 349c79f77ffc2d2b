import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import ImageDraw, ImageFont
from sqlalchemy import select

from domain.archive.reading import PageReading
from domain.archive.work import Standing, State
from domain.ground.errors import FileRefused
from domain.ground.files import Mended, Refusal
from ocr_worker import tasks
from ocr_worker.pipeline.reader import Reader
from ocr_worker.system import System
from storage.archive.documents import Document, Documents, Page
from storage.archive.intake import open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.set_aside import withhold
from storage.archive.work import Ledger, Work
from storage.ground.audit import AuditTrail
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import StoreUnavailable
from tests.ocr_worker import papers

pytestmark = pytest.mark.reading


@pytest.fixture
def bring(system: System) -> Callable[..., int]:
    """Brings files in as one document; returns its id."""

    def bring(**files: bytes) -> int:
        with system.database.writing() as session:
            batch_id = open_batch(session, source="web", person=None, attested_by="Lan").id
        group = "nhóm" if len(files) > 1 else ""
        for part, (name, content) in enumerate(files.items(), start=1):
            arrival = Arrival(name, io.BytesIO(content), group, part, len(files))
            receive(system.database, system.objects, batch_id, arrival, limit=1 << 30)
        with system.database.reading() as session:
            return session.scalars(select(Document.id).order_by(Document.id.desc()).limit(1)).one()

    return bring


def work_all(system: System) -> None:
    """Do everything that is due, as the worker would."""
    while True:
        with system.database.reading() as session:
            due = session.scalars(select(Work.id).where(Work.state == State.WAITING).order_by(Work.page)).all()
        if not due:
            return
        for work_id in due:
            tasks.do(system, work_id)


def document(system: System, document_id: int) -> Document:
    with system.database.reading() as session:
        found = Documents(session).get(document_id)
        _ = found.files, found.fields
        session.expunge_all()
        return found


def reasons(system: System, document_id: int) -> dict[int, tuple[State, str]]:
    with system.database.reading() as session:
        return {work.page: (work.state, work.reason) for work in Ledger(session).of(document_id)}


def test_a_document_is_read_page_by_page_with_words_pictures_and_text(system: System, bring: Callable[..., int]) -> None:
    paper = bring(a=papers.tiff("Kế hoạch công đoàn", "Trang thứ hai"))
    work_all(system)
    assert document(system, paper).standing == Standing.READ
    with system.database.reading() as session:
        first, second = Documents(session).pages(paper)
        assert (first.text, second.text) == ("Kế hoạch công đoàn", "Trang thứ hai")
        assert [word.text for word in first.words] == ["Kế", "hoạch", "công", "đoàn"]
        assert (first.width_px, first.height_px, first.dpi) == (1654, 2339, 200)
        for key in (first.image_sha256, first.thumbnail_sha256):
            assert key is not None
            with system.objects.open(key) as picture:
                assert picture.read(12)[8:] == b"WEBP"


def test_image_files_of_one_document_are_its_pages_in_order(system: System, bring: Callable[..., int]) -> None:
    paper = bring(p1=papers.jpeg("Trang một"), p2=papers.jpeg("Trang hai"))
    work_all(system)
    with system.database.reading() as session:
        assert [page.text for page in Documents(session).pages(paper)] == ["Trang một", "Trang hai"]


def test_the_searchable_pdf_of_image_files_has_the_words_of_all_pages_in_order(
    system: System, bring: Callable[..., int], tmp_path: Path
) -> None:
    paper = bring(p1=papers.jpeg("Trang một"), p2=papers.jpeg("Trang hai"))
    work_all(system)
    assert tasks.bind(system)
    assert not tasks.bind(system)
    with system.objects.local_path(str(document(system, paper).searchable_sha256)) as path:
        text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert text.replace("\f", "").split() == ["Trang", "một", "Trang", "hai"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (papers.encrypted_pdf(), "encrypted"),
        (papers.truncated_jpeg(), "truncated"),
        (b"%PDF-1.7\n nothing of a PDF", "truncated"),
        (papers.pdf(0), "no_pages"),
        (papers.bomb(), "too_many_pixels"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_its_reason_and_is_kept(
    system: System, bring: Callable[..., int], content: bytes, reason: str
) -> None:
    paper = bring(a=content)
    work_all(system)
    assert reasons(system, paper) == {0: (State.FAILED, reason)}
    failed = document(system, paper)
    assert failed.standing == Standing.FAILED
    with system.objects.open(failed.files[0].sha256) as original:
        assert original.read() == content


def test_a_document_with_more_pages_than_allowed_fails_as_a_whole(system: System, bring: Callable[..., int]) -> None:
    object.__setattr__(system.settings, "max_pages", 2)
    paper = bring(a=papers.pdf(3))
    work_all(system)
    assert reasons(system, paper) == {0: (State.FAILED, "too_many_pages")}


def test_a_page_without_print_is_blank_and_read(system: System, bring: Callable[..., int]) -> None:
    paper = bring(a=papers.pdf(1))
    work_all(system)
    with system.database.reading() as session:
        page = Documents(session).page(paper, 1)
        assert page
        assert (page.source, page.text, page.confidence) == ("blank", "", 1.0)
    assert document(system, paper).standing == Standing.READ


def test_a_message_that_comes_twice_does_nothing_the_second_time(system: System, bring: Callable[..., int]) -> None:
    paper = bring(a=papers.tiff("Một lần"))
    work_all(system)
    with system.database.reading() as session:
        before = session.scalars(select(Page.text_revision)).all()
        ids = session.scalars(select(Work.id)).all()
    for work_id in ids:
        tasks.do(system, work_id)
    with system.database.reading() as session:
        assert session.scalars(select(Page.text_revision)).all() == before
    assert document(system, paper).standing == Standing.READ


def test_an_original_that_was_changed_in_the_store_is_not_read(system: System, bring: Callable[..., int]) -> None:
    paper = bring(a=papers.tiff("Bản gốc"))
    key = document(system, paper).files[0].sha256
    assert isinstance(system.objects, FolderObjects)
    path = system.objects._path(key)
    path.chmod(0o600)
    path.write_bytes(b"something else")
    work_all(system)
    assert reasons(system, paper) == {0: (State.FAILED, "missing")}


def test_a_store_that_is_away_postpones_the_work_and_fails_nothing(
    system: System, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = bring(a=papers.tiff("Chờ kho"))

    def away(self: FolderObjects, key: str) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(type(system.objects), "open", away)
    with system.database.reading() as session:
        opening = Ledger(session).get(paper, 0).id
    tasks.do(system, opening)
    with system.database.reading() as session:
        work = Ledger(session).get(paper, 0)
        assert (work.state, work.tries, work.interruptions) == (State.WAITING, 0, 0)


def test_work_that_was_cancelled_meanwhile_writes_nothing(
    system: System, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = bring(a=papers.tiff("Bị hủy"))
    with system.database.reading() as session:
        opening = Ledger(session).get(paper, 0).id
    tasks.do(system, opening)
    read_page = Reader.read_page

    def cancelled_while_reading(self: Reader, path: Path, number: int) -> PageReading:
        with system.database.writing() as session:
            Ledger(session).cancel(Documents(session).get(paper))
        return read_page(self, path, number)

    monkeypatch.setattr(Reader, "read_page", cancelled_while_reading)
    with system.database.reading() as session:
        first = Ledger(session).get(paper, 1).id
    tasks.do(system, first)
    assert document(system, paper).standing == Standing.CANCELLED
    with system.database.reading() as session:
        assert Documents(session).pages(paper) == []


def by_hand(system: System, paper: int) -> None:
    with system.database.writing() as session:
        withhold(session, system.objects, Documents(session).get(paper))


def test_of_a_page_that_was_set_aside_while_it_was_read_no_picture_stays(
    system: System, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = bring(a=papers.tiff("Tạm giữ"))
    with system.database.reading() as session:
        opening = Ledger(session).get(paper, 0).id
    tasks.do(system, opening)
    thumbnail = Reader.thumbnail

    def withheld_while_reading(self: Reader, path: Path, number: int, rotation_deg: int) -> bytes:
        by_hand(system, paper)
        return thumbnail(self, path, number, rotation_deg)

    monkeypatch.setattr(Reader, "thumbnail", withheld_while_reading)
    with system.database.reading() as session:
        first = Ledger(session).get(paper, 1).id
    tasks.do(system, first)
    found = document(system, paper)
    assert found.standing == Standing.SET_ASIDE
    assert list(system.objects.keys()) == [found.files[0].sha256]


def test_of_a_document_that_was_set_aside_while_it_was_bound_no_pdf_stays(
    system: System, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = bring(a=papers.tiff("Tạm giữ"))
    work_all(system)
    searchable_pdf = Reader.searchable_pdf

    def withheld_while_binding(self: Reader, path: Path, pages: list[PageReading]) -> bytes:
        by_hand(system, paper)
        return searchable_pdf(self, path, pages)

    monkeypatch.setattr(Reader, "searchable_pdf", withheld_while_binding)
    assert tasks.bind(system)
    found = document(system, paper)
    assert (found.standing, found.searchable_sha256) == (Standing.SET_ASIDE, None)
    assert list(system.objects.keys()) == [found.files[0].sha256]


def test_a_page_whose_picture_was_removed_before_its_record_was_written_is_read_again_later(
    system: System, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = bring(a=papers.tiff("Kho"))
    with system.database.reading() as session:
        opening = Ledger(session).get(paper, 0).id
    tasks.do(system, opening)
    keep_page = Documents.keep_page

    def removed_meanwhile(
        self: Documents, document_id: int, reading: PageReading, *, image_sha256: str, thumbnail_sha256: str
    ) -> Page:
        system.objects.remove(image_sha256)
        return keep_page(self, document_id, reading, image_sha256=image_sha256, thumbnail_sha256=thumbnail_sha256)

    monkeypatch.setattr(Documents, "keep_page", removed_meanwhile)
    with system.database.reading() as session:
        first = Ledger(session).get(paper, 1).id
    tasks.do(system, first)
    assert reasons(system, paper)[1] == (State.WAITING, "")
    with system.database.reading() as session:
        assert Documents(session).pages(paper) == []


def test_work_that_fails_after_it_was_cancelled_stays_cancelled(
    system: System, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = bring(a=papers.tiff("Bị hủy rồi hỏng"))
    with system.database.reading() as session:
        opening = Ledger(session).get(paper, 0).id

    def cancelled_and_broken(self: Reader, path: Path) -> None:
        with system.database.writing() as session:
            Ledger(session).cancel(Documents(session).get(paper))
        raise FileRefused(Refusal.CRASHED)

    monkeypatch.setattr(Reader, "inspect", cancelled_and_broken)
    tasks.do(system, opening)
    assert document(system, paper).standing == Standing.CANCELLED


def marked_page() -> bytes:
    """A page with the stamp of secrecy in its upper left, made of words that are no secret."""
    image = papers.drawn("", "", "", "", "", "", "", "", "Văn bản mẫu để thử dấu")
    draw = ImageDraw.Draw(image)
    draw.rectangle((130, 260, 330, 330), outline=10, width=5)
    draw.text((172, 268), "MẬT", fill=10, font=ImageFont.truetype(papers.FONT.replace("Regular", "Bold"), 44))
    written = io.BytesIO()
    image.save(written, "TIFF", dpi=(200, 200))
    return written.getvalue()


def test_a_document_with_a_mark_is_set_aside_and_nothing_of_it_is_read(system: System, bring: Callable[..., int]) -> None:
    paper = bring(a=marked_page())
    work_all(system)
    assert reasons(system, paper) == {0: (State.SET_ASIDE, "mat")}
    with system.database.reading() as session:
        assert Documents(session).pages(paper) == []
        entry = AuditTrail(session).of("document", paper)[0]
        assert (entry.act, entry.facts) == ("document_set_aside", {"rule": "mat", "batch": 1})


def test_a_document_that_a_person_released_is_read_in_spite_of_its_mark(system: System, bring: Callable[..., int]) -> None:
    paper = bring(a=marked_page())
    work_all(system)
    with system.database.writing() as session:
        Ledger(session).release(Documents(session).get(paper))
    work_all(system)
    assert document(system, paper).standing == Standing.READ


def test_what_was_mended_and_what_a_file_carries_is_kept_with_it(system: System, bring: Callable[..., int]) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments["phụ lục.xlsx"] = b"content"
        whole = io.BytesIO()
        pdf.save(whole)
    cut = whole.getvalue().rpartition(b"startxref")[0]
    document_id = bring(cut_pdf=cut)
    work_all(system)
    read = document(system, document_id)
    assert (read.standing, read.files[0].mended, read.files[0].beside) == (Standing.READ, Mended.TABLE, ["phụ lục.xlsx"])


def test_a_document_that_the_binder_itself_fails_on_holds_back_no_other(system: System, bring: Callable[..., int]) -> None:
    made = io.BytesIO()
    papers.drawn("Kế hoạch phòng họp không giấy tờ").save(made, "PDF", resolution=200)
    with pikepdf.open(made) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].Resources.Font = pikepdf.Dictionary(F=font)
        pdf.pages[0].contents_add(pdf.make_stream(b"BT (no number) Tr ET"))
        odd = io.BytesIO()
        pdf.save(odd)
    first, second = bring(odd_pdf=odd.getvalue()), bring(after_jpg=papers.jpeg("Báo cáo kết quả"))
    work_all(system)
    while tasks.bind(system):
        pass
    assert (document(system, first).searchable_sha256, document(system, first).searchable_problem) == (None, "crashed")
    assert document(system, second).searchable_sha256 is not None
