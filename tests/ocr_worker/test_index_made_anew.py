"""The worker makes an index anew by itself that is of another format, gone, or unlike the books; killed on the way, it begins again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

import pytest
from sqlalchemy import delete, event

from ocr_worker import indexing
from ocr_worker.program import Worker
from ocr_worker.system import System
from search.index import Condition, IndexState, IndexUnfit, Request
from search.parse import parse
from search.whoosh_writer import WhooshWriter
from storage.archive.books import rename
from storage.archive.documents import Documents, Page
from tests.work import named

ROOT = Path(__file__).parents[2]


def state(system: System) -> IndexState:
    return indexing.index_of(system.database, system.settings.index_dir).state()


def found(system: System, question: str) -> list[tuple[int, int]]:
    index = indexing.index_of(system.database, system.settings.index_dir)
    return [(hit.document, hit.page) for hit in index.search(Request(parse(question), frozenset({"open"}))).hits]


def generations(system: System) -> list[str]:
    return sorted(path.name for path in system.settings.index_dir.iterdir() if path.is_dir())


def spoil_format(system: System) -> None:
    (system.settings.index_dir / "1" / "format").write_text("1", encoding="ascii")


def take_format_away(system: System) -> None:
    (system.settings.index_dir / "1" / "format").unlink()


def delete_all(system: System) -> None:
    shutil.rmtree(system.settings.index_dir)


def delete_the_generation(system: System) -> None:
    shutil.rmtree(system.settings.index_dir / "1")


def damage(system: System) -> None:
    for contents in (system.settings.index_dir / "1").glob("*.toc"):
        contents.write_bytes(b"?")


def lay_an_older_database_back(system: System) -> None:
    """The page that was read last had not been read on the day of the backup."""
    with system.database.writing() as session:
        session.execute(delete(Page).where(Page.document_id == 2))


def lay_a_poorer_index_in_its_place(system: System) -> None:
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        writer.remove([(1, 2)])
        writer.commit()


def bring_the_index_of_another_database(system: System) -> None:
    """Of as many pages as this one."""
    with system.database.writing() as session:
        rename(session)


def take_the_name_of_the_books_away(system: System) -> None:
    (system.settings.index_dir / "1" / "books").unlink()


@pytest.mark.parametrize(
    ("spoil", "condition"),
    [
        (spoil_format, Condition.OUTDATED),
        (take_format_away, Condition.OUTDATED),
        (delete_all, Condition.MISSING),
        (delete_the_generation, Condition.MISSING),
        (damage, Condition.DAMAGED),
        (lay_an_older_database_back, Condition.UNLIKE),
        (lay_a_poorer_index_in_its_place, Condition.UNLIKE),
        (bring_the_index_of_another_database, Condition.UNLIKE),
        (take_the_name_of_the_books_away, Condition.UNLIKE),
    ],
)
def test_an_index_that_is_not_fit_is_never_silent_and_made_anew_in_the_next_round(
    system: System, read_document: Callable[..., int], spoil: Callable[[System], None], condition: Condition
) -> None:
    worker = Worker(system)
    read_document("hội nghị", "tổng kết")
    read_document("hội thảo")
    worker.index()
    assert (state(system).condition, found(system, "hội")) == (Condition.SOUND, [(1, 1), (2, 1)])
    spoil(system)
    assert state(system).condition is condition
    with pytest.raises(IndexUnfit):
        found(system, "đoàn phí")
    worker.index()
    with system.database.reading() as session:
        pages = [(page.document_id, page.number) for page in session.query(Page)]
    assert state(system) == IndexState(Condition.SOUND, pages=len(pages), renewed=0, wanted=len(pages))
    assert sorted(found(system, "hội OR tổng")) == pages
    assert found(system, "đoàn phí") == []
    assert len(generations(system)) == 1  # the unfit one is not kept to fall back on


def test_a_sound_index_is_left_alone(system: System, read_document: Callable[..., int]) -> None:
    worker = Worker(system)
    read_document("hội nghị")
    worker.index()
    read_document("hội thảo")
    with system.database.writing() as session:
        Documents(session).withdraw(Documents(session).get(1))
    worker.index()
    worker.index()
    assert generations(system) == ["1"]
    assert found(system, "hội") == [(2, 1)]


def test_without_a_page_no_index_is_made(system: System) -> None:
    Worker(system).index()
    assert not system.settings.index_dir.exists()
    assert state(system) == IndexState(Condition.SOUND, pages=0, renewed=0, wanted=0)
    assert found(system, "hội") == []


def test_pages_on_their_way_in_and_out_do_not_make_an_index_unlike_the_books(
    system: System, read_document: Callable[..., int]
) -> None:
    first = read_document("hội nghị")
    Worker(system).index()
    second = read_document("hội thảo", "tổng kết")
    assert state(system).condition is Condition.SOUND  # two pages wait
    with system.database.reading() as session:
        load = indexing.due(session)
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        indexing.carry(load, writer)
    assert state(system).condition is Condition.SOUND  # they are in, and it is not noted yet
    with system.database.writing() as session:
        Documents(session).withdraw(Documents(session).get(second))
    assert state(system).condition is Condition.SOUND  # two pages are in, and must leave
    with system.database.reading() as session:
        load = indexing.due(session)
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        indexing.carry(load, writer)
    assert state(system).condition is Condition.SOUND  # they have left, and it is not noted yet
    assert found(system, "hội") == [(first, 1)]


def test_what_is_read_while_an_old_index_is_made_anew_is_in_the_new_one_and_counts_in_its_books(
    system: System, read_document: Callable[..., int]
) -> None:
    read_document("hội nghị")
    Worker(system).index()
    spoil_format(system)
    states: list[tuple[int, IndexState]] = []

    def tell(done: int) -> None:
        states.append((done, state(system)))
        if done == 1:
            read_document("hội thảo")

    indexing.rebuild(system.database, system.settings.index_dir, tell)
    assert states == [(1, IndexState(Condition.OUTDATED, pages=1, renewed=1, wanted=1))]
    assert state(system) == IndexState(Condition.SOUND, pages=2, renewed=0, wanted=2)


def test_making_an_index_anew_writes_only_what_the_books_do_not_say_yet(
    system: System, read_document: Callable[..., int]
) -> None:
    read_document("hội nghị", "tổng kết")
    Worker(system).index()
    read_document("hội thảo")
    spoil_format(system)
    written: list[str] = []
    event.listen(system.database.engine, "before_cursor_execute", lambda *facts: written.append(facts[2]))
    Worker(system).index()
    assert len([statement for statement in written if statement.startswith("UPDATE pages")]) == 1
    with system.database.reading() as session:
        assert [page.indexed_revision for page in session.query(Page)] == [1, 1, 1]


def test_a_withdrawn_word_stays_in_no_file_though_the_index_was_of_another_version(
    system: System, read_document: Callable[..., int]
) -> None:
    secret = read_document("zyxwabc")
    worker = Worker(system)
    worker.index()
    spoil_format(system)
    with system.database.writing() as session:
        Documents(session).withdraw(Documents(session).get(secret))
    worker.index()
    worker.index()
    files = [path for path in system.settings.index_dir.rglob("*") if path.is_file()]
    assert [path for path in files if b"zyxwabc" in path.read_bytes()] == []


REBUILDING = """
import sys, time, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from ocr_worker import indexing
from storage.ground.database import Database

indexing.BATCH = 1
indexing.rebuild(Database(sys.argv[1]), Path(sys.argv[2]), lambda done: (print(done, flush=True), time.sleep(60 * (done == 2))))
"""


def test_a_kill_9_while_an_index_is_made_anew_leaves_the_old_one_and_the_worker_begins_again(
    system: System, read_document: Callable[..., int]
) -> None:
    for number in range(1, 5):
        read_document(f"hội nghị {number}")
    worker = Worker(system)
    worker.index()
    spoil_format(system)
    command = [sys.executable, "-c", REBUILDING, system.database.url, str(system.settings.index_dir)]
    with subprocess.Popen(command, stdout=PIPE, text=True, cwd=ROOT) as rebuilding:
        assert rebuilding.stdout is not None
        while rebuilding.stdout.readline().strip() != "2":
            assert rebuilding.poll() is None
        assert state(system) == IndexState(Condition.OUTDATED, pages=4, renewed=2, wanted=4)
        assert len(found(system, "hội nghị")) == 4  # by the old one
        os.kill(rebuilding.pid, signal.SIGKILL)
    assert state(system) == IndexState(Condition.OUTDATED, pages=4, renewed=2, wanted=4)
    worker.index()
    assert state(system) == IndexState(Condition.SOUND, pages=4, renewed=0, wanted=4)
    assert len(found(system, "hội nghị")) == 4
    assert generations(system) == ["3"]


@pytest.mark.slow
def test_a_worker_that_starts_finds_an_old_index_and_makes_it_anew(system: System, read_document: Callable[..., int]) -> None:
    read_document("hội nghị")
    Worker(system).index()
    spoil_format(system)
    environ = {**os.environ, "KHONGGIAY_DATA_DIR": str(system.settings.data_dir), "PYTHONWARNINGS": "ignore"}
    environ["KHONGGIAY_DATABASE_URL"] = system.database.url
    with subprocess.Popen([sys.executable, "-m", "khonggiay", "worker"], cwd=ROOT, env=environ, stderr=PIPE) as worker:
        deadline = time.monotonic() + 120
        while state(system).condition is not Condition.SOUND and time.monotonic() < deadline:
            assert worker.poll() is None
            time.sleep(0.2)
        worker.send_signal(signal.SIGKILL)
    assert state(system) == IndexState(Condition.SOUND, pages=1, renewed=0, wanted=1)
    assert found(system, "hội") == [(1, 1)]
