"""A book of a thousand pages through the real tasks: every page read, and the worker no larger at the end than at the start."""

import io
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from domain.archive.work import Standing, State
from ocr_worker import tasks
from ocr_worker.system import System
from storage.archive.documents import Document, Page
from storage.archive.intake import open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.work import Ledger, Work
from tests.ocr_worker import papers

PAGES, SMALL = 1000, (40, 56)  # points: it is the number of pages that is tried


def memory_mb() -> int:
    """What this process holds in memory now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


@pytest.fixture
def book(system: System, monkeypatch: pytest.MonkeyPatch) -> int:
    # A thousand pages wait for the disk some ten thousand times; what a power cut does is tried elsewhere.
    monkeypatch.setattr("os.fsync", lambda _: None)
    with system.database.writing() as session:
        batch_id = open_batch(session, source="web", person=None, attested_by="Lan").id
    receive(system.database, system.objects, batch_id, Arrival("sach.pdf", io.BytesIO(papers.pdf(PAGES, SMALL))), limit=1 << 30)
    with system.database.reading() as session:
        return session.scalars(select(Document.id)).one()


@pytest.mark.slow
@pytest.mark.reading
def test_a_book_of_a_thousand_pages_is_read_to_the_end_in_little_memory(system: System, book: int) -> None:
    with system.database.reading() as session:
        opening = Ledger(session).get(book, 0).id
    tasks.do(system, opening)
    with system.database.reading() as session:
        due = session.scalars(select(Work.id).where(Work.state == State.WAITING).order_by(Work.page)).all()
    assert len(due) == PAGES
    loaded = []
    event.listen(Work, "load", lambda work, _: loaded.append(work.page))
    tasks.do(system, due[0])
    first, before = len(loaded), memory_mb()
    for work_id in due[1:]:
        tasks.do(system, work_id)
    with system.database.reading() as session:
        assert session.get_one(Document, book).standing is Standing.READ
        assert session.scalar(select(func.count()).select_from(Page)) == PAGES
    assert len(loaded) <= first * PAGES, "a page loads the rows of the others"
    assert memory_mb() - before < 100
