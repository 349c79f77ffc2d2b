"""What a piece of work is: open a document, or read one of its pages; and binding its searchable PDF. Each ends in one transaction
with the ledger, so that it has happened wholly or not at all. The files themselves are parsed by ocr_worker.jobs, in the sandbox.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from domain.errors import FileRefused
from domain.intake import Refusal
from domain.reading import PageReading
from domain.work import UNSETTLED
from ocr_worker import jobs
from ocr_worker.metadata.fields import propose
from ocr_worker.system import System
from storage.audit import AuditTrail
from storage.documents import Document, DocumentFile, Documents, Page
from storage.objects import ObjectDamaged, ObjectMissing, Objects, StoreUnavailable, verify
from storage.work import OPENING, Claim, LeaseLost, Ledger

WAIT_FOR_STORE = timedelta(seconds=20)
HEAD_PAGES, TAIL_PAGES = 30, 10  # the pages of a long document from which its fields are proposed

log = structlog.get_logger()


def do(system: System, work_id: int) -> None:
    """Do a piece of work, if it still waits; a message that comes twice does nothing the second time."""
    with system.database.writing() as session:
        claim = Ledger(session).claim(work_id, system.owner)
    if claim is None:
        return
    try:
        _open(system, claim) if claim.page == OPENING else _read(system, claim)
    except FileRefused as refused:
        _failed(system, claim, Refusal(refused.reason))
    except (ObjectMissing, ObjectDamaged):
        _failed(system, claim, Refusal.MISSING)
    except (StoreUnavailable, OSError) as error:
        log.warning("work postponed", document=claim.document_id, page=claim.page, error=type(error).__name__)
        with system.database.writing() as session:
            Ledger(session).postpone(claim, WAIT_FOR_STORE)
    except LeaseLost:
        log.info("work taken away", document=claim.document_id, page=claim.page)


def _failed(system: System, claim: Claim, reason: Refusal) -> None:
    log.warning("work failed", document=claim.document_id, page=claim.page, reason=reason)
    with system.database.writing() as session:
        Ledger(session).fail(claim, reason)


def _open(system: System, claim: Claim) -> None:
    """Look into the files, look for a mark on the first page, and put the pages into the ledger."""
    files, is_released = _files(system, claim.document_id)
    for file in files:
        verify(system.objects, file.sha256)
    with _local(system.objects, files) as paths:
        counts = [jobs.count_pages(path, system.settings) for path in paths]
        if sum(counts) > system.settings.max_pages:
            raise FileRefused(Refusal.TOO_MANY_PAGES)
        rule = None if is_released else jobs.find_mark(paths[0], 1, system.settings)
    if rule:
        _set_aside(system, claim, rule)
        return
    with system.database.writing() as session:
        ledger = Ledger(session)
        document = ledger.finish(claim).document
        document.page_count = sum(counts)
        for row, count in zip(document.files, counts, strict=True):
            row.page_count = count
        ledger.enrol(document, range(1, document.page_count + 1))


def _read(system: System, claim: Claim) -> None:
    """Read one page, keep its text and pictures, and propose the document's fields from what is there."""
    files, is_released = _files(system, claim.document_id)
    file, number = _page_of(files, claim.page)
    with _local(system.objects, [file]) as (path,), tempfile.TemporaryDirectory(prefix="page-") as folder:
        result = jobs.read_page(path, number, claim.page, Path(folder), system.settings, looks_for_mark=not is_released)
        if isinstance(result, str):
            _set_aside(system, claim, result)
            return
        image, thumbnail = (_keep(system.objects, picture) for picture in jobs.pictures(Path(folder)))
    with system.database.writing() as session:
        work = Ledger(session).finish(claim)
        Documents(session).keep_page(claim.document_id, result, image_sha256=image, thumbnail_sha256=thumbnail)
        if claim.page == 1 or _is_settled(session, claim.document_id):
            _propose(session, work.document)


def _set_aside(system: System, claim: Claim, rule: str) -> None:
    """Stop: what may bear a secrecy mark is read no further, and all that was derived from it is forgotten."""
    with system.database.writing() as session:
        document = Ledger(session).set_aside(claim, rule).document
        unneeded = Documents(session).withdraw(document)
        AuditTrail(session).record(
            "document_set_aside",
            actor="worker",
            subject=("document", document.id),
            facts={"rule": rule, "batch": document.batch_id},
        )
    for key in unneeded:
        system.objects.remove(key)


def _is_settled(session: Session, document_id: int) -> bool:
    return not any(work.state in UNSETTLED for work in Ledger(session).of(document_id))


def _propose(session: Session, document: Document) -> None:
    documents = Documents(session)
    pages = documents.pages(document.id)
    if len(pages) > HEAD_PAGES + TAIL_PAGES:
        pages = pages[:HEAD_PAGES] + pages[-TAIL_PAGES:]
    documents.propose(document, propose([page.reading() for page in pages]))


def bind(system: System) -> bool:
    """Bind the searchable PDF of one document that is due for it; returns whether there was one."""
    with system.database.reading() as session:
        document = Documents(session).due_for_binding()
        if document is None:
            return False
        document_id, files = document.id, list(document.files)
        pages = Documents(session).pages(document_id)
        readings, revisions = [page.reading() for page in pages], _revisions(pages)
        session.expunge_all()
    key, problem = _bound(system, files, readings)
    with system.database.writing() as session:
        document = Documents(session).get(document_id)
        if _revisions(Documents(session).pages(document_id)) == revisions and pages:
            document.searchable_sha256, document.searchable_problem = key, problem
    return True


def _bound(system: System, files: Sequence[DocumentFile], pages: list[PageReading]) -> tuple[str | None, str]:
    try:
        with _local(system.objects, files) as paths, tempfile.TemporaryDirectory(prefix="bind-") as folder:
            return _keep(system.objects, jobs.bind(paths, pages, Path(folder), system.settings)), ""
    except FileRefused as refused:
        return None, refused.reason
    except (ObjectMissing, ObjectDamaged):
        return None, Refusal.MISSING


def _revisions(pages: Sequence[Page]) -> list[tuple[int, int]]:
    return [(page.number, page.text_revision) for page in pages]


def _files(system: System, document_id: int) -> tuple[list[DocumentFile], bool]:
    with system.database.reading() as session:
        document = Documents(session).get(document_id)
        files, is_released = list(document.files), document.is_released
        session.expunge_all()
    return files, is_released


def _page_of(files: Sequence[DocumentFile], page: int) -> tuple[DocumentFile, int]:
    """The file that holds a page of the document, and the page's number in it."""
    number = page
    for file in files:
        if number <= (file.page_count or 0):
            return file, number
        number -= file.page_count or 0
    raise FileRefused(Refusal.MISSING, f"page {page}")


@contextmanager
def _local(objects: Objects, files: Sequence[DocumentFile]) -> Iterator[list[Path]]:
    with ExitStack() as stack:
        yield [stack.enter_context(objects.local_path(file.sha256)) for file in files]


def _keep(objects: Objects, path: Path) -> str:
    with path.open("rb") as stream:
        return objects.put(stream)[0]
