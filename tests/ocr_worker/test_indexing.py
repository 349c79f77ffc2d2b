import shutil
from collections.abc import Callable
from pathlib import Path

from domain.archive.reading import UNSURE, Field
from ocr_worker import indexing
from ocr_worker.indexing import Load
from ocr_worker.system import System
from search.index import Request
from search.parse import parse
from search.whoosh_writer import WhooshWriter
from storage.archive.documents import Documents, Withdrawal
from tests.cast import gather
from tests.ocr_worker.conftest import page_of
from tests.work import named


def index_all(system: System) -> Load:
    """What one round of the worker does."""
    with system.database.reading() as session:
        load = indexing.due(session)
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        indexing.carry(load, writer)
    with system.database.writing() as session:
        indexing.note(session, load)
    return load


def found(system: System, question: str, audiences: tuple[str] = ("open",)) -> list[tuple[int, int]]:
    index = indexing.index_of(system.database, system.settings.index_dir)
    return [(hit.document, hit.page) for hit in index.search(Request(parse(question), frozenset(audiences))).hits]


def test_a_page_that_was_read_is_found_with_the_fields_of_its_document(
    system: System, read_document: Callable[..., int]
) -> None:
    document = read_document("hội nghị", "tổng kết", number="12", symbol="KH-LĐLĐ", kind="Kế hoạch", date="2025-02-05")
    index_all(system)
    assert found(system, 'tong ket kind:"kế hoạch" year:2025') == [(document, 2)]
    assert found(system, "12/KH-LĐLĐ") == [(document, 1), (document, 2)]


def test_a_number_that_is_a_guess_finds_nothing_until_somebody_confirms_it(
    system: System, read_document: Callable[..., int]
) -> None:
    person = gather(system.database).people["archivist"]
    document_id = read_document("hội nghị", symbol="KH-LĐLĐ")
    with system.database.writing() as session:
        document = Documents(session).get(document_id)
        sure = {field.name: Field(field.value, 1, None, 0.9) for field in document.fields}
        Documents(session).propose(document, {**sure, "number": Field("12", 1, None, UNSURE)})
    index_all(system)
    assert found(system, "12/KH-LĐLĐ") == []
    with system.database.writing() as session:
        Documents(session).confirm(Documents(session).get(document_id), "number", "12", person)
    index_all(system)
    assert found(system, "12/KH-LĐLĐ") == [(document_id, 1)]


def test_what_the_index_holds_is_not_due_again(system: System, read_document: Callable[..., int]) -> None:
    read_document("hội nghị")
    assert len(index_all(system).entries) == 1
    assert index_all(system).entries == []


def test_a_corrected_page_is_due_again_and_found_by_its_new_text_only(
    system: System, read_document: Callable[..., int]
) -> None:
    document = read_document("hội nghị sai")
    index_all(system)
    with system.database.writing() as session:
        Documents(session).keep_page(document, page_of(1, "hội nghị đúng"), image_sha256=None, thumbnail_sha256=None)
    index_all(system)
    assert found(system, "đúng") == [(document, 1)]
    assert found(system, "sai") == []


def test_a_withdrawn_document_leaves_the_index(system: System, read_document: Callable[..., int]) -> None:
    document = read_document("hội nghị")
    index_all(system)
    with system.database.writing() as session:
        Documents(session).withdraw(Documents(session).get(document))
    index_all(system)
    assert found(system, "hội") == []
    with system.database.reading() as session:
        assert session.get(Withdrawal, document) is None


def files_with(system: System, word: str) -> list[Path]:
    """The files of the index that hold the bytes of a word."""
    return [path for path in system.settings.index_dir.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def withdraw(system: System, document: int) -> None:
    with system.database.writing() as session:
        Documents(session).withdraw(Documents(session).get(document))


def test_no_file_of_the_index_keeps_a_word_of_what_was_withdrawn(system: System, read_document: Callable[..., int]) -> None:
    others = [read_document("hội nghị", "tổng kết") for _ in range(3)]
    secret = read_document("zyxwabc hội nghị", "zyxwabc")
    index_all(system)
    indexing.rebuild(system.database, system.settings.index_dir)  # so that a generation before it keeps the word too
    assert len({path.parent for path in files_with(system, "zyxwabc")}) == 2
    withdraw(system, secret)
    index_all(system)
    assert files_with(system, "zyxwabc") == []
    assert found(system, "hội nghị") == [(document, 1) for document in others]


def test_not_even_the_old_text_of_a_page_that_was_read_twice_is_kept(system: System, read_document: Callable[..., int]) -> None:
    read_document("hội nghị")
    secret = read_document("zyxwabc hội nghị")
    index_all(system)
    with system.database.writing() as session:
        Documents(session).keep_page(secret, page_of(1, "đọc lại"), image_sha256=None, thumbnail_sha256=None)
    index_all(system)
    withdraw(system, secret)
    index_all(system)
    assert files_with(system, "zyxwabc") == []


def test_what_is_withdrawn_while_the_index_is_made_anew_leaves_no_word_either(
    system: System, read_document: Callable[..., int]
) -> None:
    read_document("hội nghị")
    secret = read_document("zyxwabc")
    index_all(system)
    indexing.rebuild(system.database, system.settings.index_dir, lambda _: withdraw(system, secret))
    index_all(system)
    assert files_with(system, "zyxwabc") == []


def test_what_was_released_and_read_again_before_the_index_heard_of_it_is_found(
    system: System, read_document: Callable[..., int]
) -> None:
    document = read_document("hội nghị", "tổng kết")
    index_all(system)
    withdraw(system, document)
    with system.database.writing() as session:
        for number, text in enumerate(("đọc lại", "tổng kết"), start=1):
            Documents(session).keep_page(document, page_of(number, text), image_sha256=None, thumbnail_sha256=None)
        Documents(session).mark_indexed({(document, 2): 1})
    index_all(system)
    assert found(system, "hội") == []
    assert found(system, "đọc lại") == [(document, 1)]
    assert found(system, "tổng kết") == [(document, 2)]


def test_what_is_withdrawn_again_while_it_is_entered_stays_due(system: System, read_document: Callable[..., int]) -> None:
    document = read_document("hội nghị")
    with system.database.writing() as session:
        session.add(Withdrawal(document_id=document, pages=0))
    with system.database.reading() as session:
        load = indexing.due(session)
    withdraw(system, document)
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        indexing.carry(load, writer)
    with system.database.writing() as session:
        indexing.note(session, load)
        assert session.get(Withdrawal, document) is not None
    index_all(system)
    assert found(system, "hội") == []


def test_an_index_of_withdrawn_pages_only_is_empty_and_goes_on(system: System, read_document: Callable[..., int]) -> None:
    secret = read_document("zyxwabc")
    index_all(system)
    withdraw(system, secret)
    index_all(system)
    assert files_with(system, "zyxwabc") == []
    later = read_document("hội nghị")
    index_all(system)
    assert found(system, "hội") == [(later, 1)]


def test_a_round_that_died_before_it_was_noted_is_repeated_and_shows_each_page_once(
    system: System, read_document: Callable[..., int]
) -> None:
    document = read_document("hội nghị")
    with system.database.reading() as session:
        load = indexing.due(session)
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        indexing.carry(load, writer)
    index_all(system)
    assert found(system, "hội") == [(document, 1)]


def test_an_index_that_was_deleted_is_made_anew_from_the_database(system: System, read_document: Callable[..., int]) -> None:
    document = read_document("hội nghị", "tổng kết")
    index_all(system)
    shutil.rmtree(system.settings.index_dir)
    assert indexing.rebuild(system.database, system.settings.index_dir) == 2
    assert found(system, "hội") == [(document, 1)]


def test_pages_read_while_the_index_is_made_anew_are_in_it(system: System, read_document: Callable[..., int]) -> None:
    first = read_document("hội nghị")
    index_all(system)
    later = []
    indexing.rebuild(system.database, system.settings.index_dir, lambda _: later.append(read_document("hội thảo")))
    assert sorted(found(system, "hội")) == [(first, 1), (later[0], 1)]


def test_documents_withdrawn_while_the_index_is_made_anew_are_not_in_it(
    system: System, read_document: Callable[..., int]
) -> None:
    document = read_document("hội nghị")

    def withdraw(_done: int) -> None:
        with system.database.writing() as session:
            Documents(session).withdraw(Documents(session).get(document))

    indexing.rebuild(system.database, system.settings.index_dir, withdraw)
    assert found(system, "hội") == []
