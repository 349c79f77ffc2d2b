"""Carrying pages from the database into the index. Only the worker does it; the index never knows more than the database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.archive.reading import FIELD_FACETS
from search.generations import Generations, locked
from search.index import Condition, IndexLocked, IndexWriter, PageEntry
from search.whoosh_index import WhooshIndex
from search.whoosh_writer import WhooshWriter
from storage.archive.books import name_of
from storage.archive.documents import Document, Documents, Page, Withdrawal
from storage.archive.texts import books_of, texts_of
from storage.ground.database import Database

BATCH = 2000  # pages a commit
_LOCK_TRIES = 120  # half seconds to wait for another writer


@dataclass(frozen=True, slots=True)
class Load:
    """Pages to be entered with the revision of each, and documents to be taken out."""

    entries: list[PageEntry]
    revisions: Mapping[tuple[int, int], int]
    withdrawn: list[int]


def due(session: Session, limit: int = BATCH) -> Load:
    """What the index does not hold yet, at most `limit` pages; and what was withdrawn, with all that has been read of it since."""
    documents = Documents(session)
    withdrawn = list(session.scalars(select(Withdrawal.document_id)))
    since = [page for document_id in withdrawn for page in documents.pages(document_id)]
    return _load([*since, *(page for page in documents.due_for_index(limit) if page not in since)], withdrawn)


def everything(session: Session) -> Iterator[Load]:
    """All pages that have been read, in loads of BATCH, for an index made anew."""
    last = (0, 0)
    while True:
        after = (Page.document_id > last[0]) | ((Page.document_id == last[0]) & (Page.number > last[1]))
        pages = list(session.scalars(select(Page).where(after).order_by(Page.document_id, Page.number).limit(BATCH)))
        if not pages:
            return
        yield _load(pages, [])
        last = (pages[-1].document_id, pages[-1].number)
        session.expunge_all()


def carry(load: Load, writer: IndexWriter) -> None:
    """Enter a load and commit it; of what was withdrawn no file keeps a word. It may be repeated."""
    if load.withdrawn:
        writer.remove_documents(load.withdrawn)
    writer.write(load.entries)
    writer.commit()
    if load.withdrawn:
        writer.purge(load.withdrawn)


def note(session: Session, load: Load) -> None:
    """Write down that the index holds a load. What was withdrawn again since stays due."""
    documents = Documents(session)
    documents.mark_indexed(load.revisions)
    for document_id in load.withdrawn:
        entered = {key for key in load.revisions if key[0] == document_id}
        there = {(document_id, page.number) for page in documents.pages(document_id)}
        if entered <= there and (row := session.get(Withdrawal, document_id)):
            session.delete(row)


def index_of(database: Database, root: Path) -> WhooshIndex:
    """The index of a database as it is read."""
    return WhooshIndex(root, texts_of(database), books_of(database))


def rebuild(database: Database, root: Path, tell: Callable[[int], None] = lambda _: None) -> int:
    """Make the index anew beside the old one, which is searched meanwhile, and switch; returns how many pages it holds.

    `tell` hears of progress, in pages. Pages that change meanwhile are written again before the switch, while nobody else writes.
    The old one stays to fall back on if it is sound. Killed, it leaves the old one as it is, and may be begun again.
    """
    held: dict[tuple[int, int], int] = {}
    was_sound = index_of(database, root).state().condition is Condition.SOUND
    with database.reading() as session:
        name = name_of(session)
    with WhooshWriter(root, rebuild=True, books=name) as writer:
        with database.reading() as session:
            for load in everything(session):
                carry(load, writer)
                held |= load.revisions
                tell(len(held))
        with _no_other_writer(root):
            with database.reading() as session:
                held = _catch_up(session, writer, held)
            writer.publish()
        if not was_sound:
            writer.publish(keep_previous=False)
    with database.reading() as session:
        rows = session.execute(select(Page.document_id, Page.number).where(Page.text_revision > Page.indexed_revision))
        unnoted = {(row[0], row[1]) for row in rows}
    with database.writing() as session:  # others wait for it, so nothing is written that stands there already
        Documents(session).mark_indexed({key: held[key] for key in unnoted & held.keys()})
    return len(held)


@contextmanager
def _no_other_writer(root: Path) -> Iterator[None]:
    """Hold the generation that is current, if there is one, so that nothing is written there that the new one would lack."""
    with ExitStack() as held:
        for current in Generations(root).readable()[:1]:
            for _ in range(_LOCK_TRIES):
                try:
                    held.enter_context(locked(current))
                    break
                except IndexLocked:
                    sleep(0.5)
            else:
                raise IndexLocked(str(root))
        yield


def _catch_up(session: Session, writer: IndexWriter, held: Mapping[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    rows = session.execute(select(Page.document_id, Page.number, Page.text_revision))
    now_there = {(row[0], row[1]): row[2] for row in rows}
    withdrawn = {document_id for document_id, number in held if (document_id, number) not in now_there}
    changed = [key for key, revision in now_there.items() if held.get(key) != revision or key[0] in withdrawn]
    pages = [session.get_one(Page, key) for key in changed]
    carry(_load(pages, sorted(withdrawn)), writer)
    return now_there


def _load(pages: Sequence[Page], withdrawn: list[int]) -> Load:
    return Load(
        [entry_of(page, page.document) for page in pages],
        {(page.document_id, page.number): page.text_revision for page in pages},
        withdrawn,
    )


def entry_of(page: Page, document: Document) -> PageEntry:
    """What the index is told of a page."""
    date = document.value("date")
    number = document.sure_value("number")
    is_first = page.number == 1
    return PageEntry(
        document=document.id,
        page=page.number,
        text=page.text,
        audience=document.audience,
        values={
            **{name: document.sure_value(name) for name in FIELD_FACETS},
            "fonds": document.record_file.catalogue.fonds.code if document.record_file else "",
        },
        year=int(date[:4]) if date[:4].isdecimal() else 0,
        symbols=(f"{number}/{document.value('symbol')}",) if number else (),
        date=date,
        title=f"{document.name} {document.value('abstract')}" if is_first else "",
    )
