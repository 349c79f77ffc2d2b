"""What a piece of work is: open a document, or read one of its pages; and binding its searchable PDF.

Each ends in one transaction with the ledger, so that it has happened wholly or not at all. Files are parsed in a sandbox, through
`ocr_worker.pipeline.reader`.
"""

import io
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from domain.archive.reading import PageReading
from domain.archive.secrecy import Mark
from domain.archive.work import Standing
from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from ocr_worker.metadata.fields import propose
from ocr_worker.metadata.secrecy import mark_in
from ocr_worker.pipeline.reader import Reader
from ocr_worker.system import System
from storage.archive.documents import Document, DocumentFile, Documents
from storage.archive.set_aside import forget_derived
from storage.archive.work import OPENING, Claim, LeaseLost, Ledger
from storage.ground.audit import AuditTrail
from storage.ground.claims import unneeded
from storage.ground.fixity.checks import note_lost
from storage.ground.objects import NotWhole, Objects, StoreUnavailable
from storage.ground.sandbox import SandboxFailed

WAIT_FOR_STORE = timedelta(seconds=20)
HEAD_PAGES, TAIL_PAGES = 30, 10  # the pages of a long document from which its fields are proposed

_MOVING = frozenset({Standing.WAITING, Standing.READING})

log = structlog.get_logger()
_own = threading.local()  # each thread of the worker has a reader, with a sandbox, of its own


def reader(system: System) -> Reader:
    """The reader of this thread."""
    if not hasattr(_own, "reader"):
        settings = system.settings
        _own.reader = Reader(memory_bytes=settings.page_memory_mb * 1024**2, page_cpu_s=settings.page_timeout_s)
    found: Reader = _own.reader
    return found


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
    except NotWhole as lost:
        note_lost(system.database, lost, actor="worker")
        _failed(system, claim, Refusal.MISSING)
    except (StoreUnavailable, OSError) as error:
        log.warning("work postponed", document=claim.document_id, page=claim.page, error=type(error).__name__)
        with suppress(LeaseLost), system.database.writing() as session:
            Ledger(session).postpone(claim, WAIT_FOR_STORE)
    except LeaseLost:
        log.info("work taken away", document=claim.document_id, page=claim.page)
    except Exception:
        log.exception("work failed by a fault of the reader", document=claim.document_id, page=claim.page)
        _failed(system, claim, Refusal.CRASHED)


def _failed(system: System, claim: Claim, reason: Refusal) -> None:
    log.warning("work failed", document=claim.document_id, page=claim.page, reason=reason)
    with suppress(LeaseLost), system.database.writing() as session:
        Ledger(session).fail(claim, reason)


def _open(system: System, claim: Claim) -> None:
    """Look into the files, look for a mark on the first page, and put the pages into the ledger."""
    files, is_released = _files(system, claim.document_id)
    with _local(system.objects, files) as paths:
        found = [reader(system).inspect(path) for path in paths]
        counts = [summary.page_count for summary in found]
        if sum(counts) > system.settings.max_pages:
            raise FileRefused(Refusal.TOO_MANY_PAGES)
        mark = None if is_released else reader(system).find_mark(paths[0])
    if mark:
        _set_aside(system, claim, mark)
        return
    with system.database.writing() as session:
        ledger = Ledger(session)
        document = ledger.finish(claim).document
        document.page_count = sum(counts)
        for row, summary in zip(document.files, found, strict=True):
            row.page_count, row.mended, row.beside = summary.page_count, summary.mended, list(summary.beside)
        ledger.enrol(document, range(1, document.page_count + 1))


def _read(system: System, claim: Claim) -> None:
    """Read one page, keep its text and pictures, and propose the document's fields from what is there."""
    files, is_released = _files(system, claim.document_id)
    file, number = _page_of(files, claim.page)
    with system.objects.local_path(file.sha256) as path:
        is_seen = is_released or claim.page == 1  # the first page was looked at when the document was opened
        reading = (reader(system).read_page if is_seen else reader(system).read_page_unless_marked)(path, number)
        mark = reading if isinstance(reading, Mark) else None if is_released else mark_in(reading)
        if mark or isinstance(reading, Mark):
            _set_aside(system, claim, mark)
            return
        image = reader(system).page_image(path, number, reading.rotation_deg)
        thumbnail = reader(system).thumbnail(path, number, reading.rotation_deg)
    _keep_page(system, claim, replace(reading, number=claim.page), image, thumbnail)


def _keep_page(system: System, claim: Claim, reading: PageReading, image: bytes, thumbnail: bytes) -> None:
    keys = [_keep(system.objects, image), _keep(system.objects, thumbnail)]
    with _named(system, keys), system.database.writing() as session:
        ledger = Ledger(session)
        document = ledger.finish(claim).document
        Documents(session).keep_page(document.id, reading, image_sha256=keys[0], thumbnail_sha256=keys[1])
        ledger.settle(document.id)
        if reading.number == 1 or document.standing not in _MOVING:
            _propose(session, document)
        _check_there(system.objects, keys)


@contextmanager
def _named(system: System, keys: Sequence[str]) -> Iterator[None]:
    """Objects that the block writes records of. Should it fail, those go again that no record names, for they may show a page of a
    paper that was set aside meanwhile.
    """
    try:
        yield
    except Exception:
        with system.database.writing() as session:
            for key in unneeded(session, keys):
                system.objects.remove(key)
        raise


def _check_there(objects: Objects, keys: Sequence[str]) -> None:
    """Refuse to name an object that was removed as nobody's just before its record was written; raises StoreUnavailable."""
    if not all(objects.exists(key) for key in keys):
        raise StoreUnavailable


def _set_aside(system: System, claim: Claim, mark: Mark | None) -> None:
    """Stop: what may bear a secrecy mark is read no further, and all that was derived from it is forgotten."""
    rule = mark.rule if mark else ""
    with system.database.writing() as session:
        document = Ledger(session).set_aside(claim, rule).document
        facts = {"rule": rule, "batch": document.batch_id}
        AuditTrail(session).record("document_set_aside", actor="worker", subject=("document", document.id), facts=facts)
        forget_derived(session, system.objects, document)


def _propose(session: Session, document: Document) -> None:
    documents = Documents(session)
    pages = documents.ends(document.id, head=HEAD_PAGES, tail=TAIL_PAGES)
    documents.propose(document, propose([page.reading() for page in pages]))


def bind(system: System) -> bool:
    """Bind the searchable PDF of one document that is due for it; returns whether there was one."""
    with system.database.reading() as session:
        document = Documents(session).due_for_binding()
        if document is None:
            return False
        document_id, files = document.id, list(document.files)
        readings = [page.reading() for page in Documents(session).pages(document_id)]
        state = Documents(session).text_state(document_id)
        session.expunge_all()
    key, problem = _bound(system, files, readings)
    keys = [key] if key else []
    with suppress(_Outdated), _named(system, keys), system.database.writing() as session:
        if Documents(session).text_state(document_id) != state:
            raise _Outdated
        document = Documents(session).get(document_id)
        document.searchable_sha256, document.searchable_problem = key, problem
        _check_there(system.objects, keys)
    return True


class _Outdated(Exception):
    """A text changed, or all was withdrawn, while the PDF was bound: it is thrown away."""


def _bound(system: System, files: Sequence[DocumentFile], pages: Sequence[PageReading]) -> tuple[str | None, str]:
    """The key of the searchable PDF, or why there is none."""
    try:
        with _local(system.objects, files) as paths, tempfile.TemporaryDirectory(prefix="bind-") as folder:
            bound = []
            for file, path, first in zip(files, paths, _first_pages(files), strict=True):
                own = [replace(page, number=page.number - first + 1) for page in pages if _is_in(page, file, first)]
                bound.append(Path(folder) / f"{file.part}.pdf")
                bound[-1].write_bytes(reader(system).searchable_pdf(path, own))
            return _keep(system.objects, bound[0].read_bytes() if len(bound) == 1 else reader(system).joined(bound)), ""
    except FileRefused as refused:
        return None, refused.reason
    except NotWhole as lost:
        note_lost(system.database, lost, actor="worker")
        return None, Refusal.MISSING
    except SandboxFailed:  # a fault of ours: the documents after this one are bound all the same
        log.exception("not bound by a fault of the reader", document=files[0].document_id)
        return None, Refusal.CRASHED


def _first_pages(files: Sequence[DocumentFile]) -> list[int]:
    """The number that the first page of each file has in the document."""
    return [1 + sum(before.page_count or 0 for before in files[:place]) for place in range(len(files))]


def _is_in(page: PageReading, file: DocumentFile, first: int) -> bool:
    return first <= page.number < first + (file.page_count or 0)


def _page_of(files: Sequence[DocumentFile], page: int) -> tuple[DocumentFile, int]:
    """The file that holds a page of the document, and the page's number in it."""
    for file, first in zip(files, _first_pages(files), strict=True):
        if first <= page < first + (file.page_count or 0):
            return file, page - first + 1
    raise FileRefused(Refusal.MISSING, f"page {page}")


def _files(system: System, document_id: int) -> tuple[list[DocumentFile], bool]:
    with system.database.reading() as session:
        document = Documents(session).get(document_id)
        files, is_released = list(document.files), document.is_released
        session.expunge_all()
    return files, is_released


@contextmanager
def _local(objects: Objects, files: Sequence[DocumentFile]) -> Iterator[list[Path]]:
    with ExitStack() as stack:
        yield [stack.enter_context(objects.local_path(file.sha256)) for file in files]


def _keep(objects: Objects, made: bytes) -> str:
    return objects.put(io.BytesIO(made))[0]
