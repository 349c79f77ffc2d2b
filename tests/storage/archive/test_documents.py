import zlib

import pytest

from domain.archive.intake import ATTESTATION
from domain.archive.reading import Box, Field, PageReading, Source, Word
from domain.archive.work import Standing
from domain.ground.clock import now
from domain.people.access import Access
from storage.archive.documents import Document, Documents, pack_words, unpack_words
from storage.archive.intake import Batch
from storage.ground.database import Database
from storage.people.people import Person


@pytest.fixture
def archive(database: Database, cast_units: list[int]) -> None:
    """Three documents: an open one, one of the first unit, one restricted that belongs to no unit. Only the first has pages."""
    with database.writing() as session:
        batch = Batch(source="web", attested_by="Lan", attested_at=now(), attestation=ATTESTATION)
        session.add(batch)
        session.flush()
        kinds = [(Access.OPEN, None), (Access.RESTRICTED, cast_units[0]), (Access.RESTRICTED, None)]
        session.add_all(
            Document(name=f"{n}.pdf", batch_id=batch.id, access=access, unit_id=unit, page_count=3, standing=Standing.READING)
            for n, (access, unit) in enumerate(kinds, start=1)
        )
        session.flush()
        for number in (1, 2):
            reading = PageReading(
                number, Source.OCR, f"Trang {number}", (Word("Trang", Box(0, 0, 1, 1), 0.9, 0),), 0.9, 10, 14, 200
            )
            Documents(session).keep_page(1, reading, image_sha256=None, thumbnail_sha256="a" * 64)


@pytest.fixture
def cast_units(database: Database) -> list[int]:
    from tests.cast import gather

    return list(gather(database).units.values())


AUDIENCES = [
    (frozenset({"open"}), [1]),
    (frozenset({"open", "restricted"}), [1, 3]),
    (frozenset({"restricted"}), [3]),
    (frozenset(), []),
]


@pytest.mark.parametrize(("audiences", "ids"), AUDIENCES)
def test_documents_are_given_to_their_audiences_only(
    database: Database, archive: None, audiences: frozenset[str], ids: list[int]
) -> None:
    with database.reading() as session:
        assert sorted(Documents(session).among([1, 2, 3], audiences)) == ids


def test_a_document_of_a_unit_is_given_to_that_unit(database: Database, archive: None, cast_units: list[int]) -> None:
    with database.reading() as session:
        assert list(Documents(session).among([1, 2, 3], frozenset({f"unit:{cast_units[0]}"}))) == [2]
        assert not Documents(session).among([1, 2, 3], frozenset({f"unit:{cast_units[1]}"}))


def test_the_condition_of_queries_agrees_with_the_audience_of_the_document(
    database: Database, archive: None, cast_units: list[int]
) -> None:
    with database.reading() as session:
        for document in [Documents(session).get(number) for number in (1, 2, 3)]:
            for audience in ("open", "restricted", *(f"unit:{unit}" for unit in cast_units)):
                is_given = bool(Documents(session).among([document.id], frozenset({audience})))
                assert is_given == (document.audience == audience)


def test_gaps_count_what_is_not_read_within_the_audiences(database: Database, archive: None) -> None:
    with database.reading() as session:
        assert Documents(session).gaps(frozenset({"open"})) == (1, 1)
        assert Documents(session).gaps(frozenset({"open", "restricted"})) == (2, 4)
        assert Documents(session).gaps(frozenset()) == (0, 0)


def test_documents_that_are_read_or_destroyed_are_no_gap(database: Database, archive: None) -> None:
    with database.writing() as session:
        Documents(session).get(1).standing = Standing.READ
        Documents(session).get(3).standing = Standing.DESTROYED
    with database.reading() as session:
        assert Documents(session).gaps(frozenset({"open", "restricted"})) == (0, 0)


def test_pages_are_given_by_key_and_the_missing_left_out(database: Database, archive: None) -> None:
    with database.reading() as session:
        pages = Documents(session).pages_at([(1, 1), (1, 3), (2, 1)])
        assert {key: page.text for key, page in pages.items()} == {(1, 1): "Trang 1"}
        assert Documents(session).thumbnails(1, 1, 3) == {1: "a" * 64, 2: "a" * 64}
        assert Documents(session).text_of(1) == [(1, "Trang 1"), (2, "Trang 2")]


def test_a_persons_word_is_kept_over_what_is_proposed_later(database: Database, archive: None) -> None:
    with database.writing() as session:
        documents, document = Documents(session), Documents(session).get(1)
        person = session.query(Person).limit(1).one()
        documents.propose(document, {"kind": Field("Báo cáo", 1, Box(0, 0, 1, 0.5), 0.6)})
        before = documents.text_state(1)
        assert documents.confirm(document, "kind", "Kế hoạch", person.id) == "Báo cáo"
        assert documents.confirm(document, "signer", "", person.id) == ""
        assert documents.text_state(1) == (before[0], before[1] + 2)
        documents.propose(document, {"kind": Field("Báo cáo", 1, None, 1.0), "signer": Field("Ai đó", 1, None, 1.0)})
        kind = document.field("kind")
        assert kind
        assert (kind.value, kind.box) == ("Kế hoạch", Box(0, 0, 1, 0.5))
        assert document.value("signer") == ""


def test_gaps_are_whole_numbers_on_every_database(database: Database, archive: None) -> None:
    with database.reading() as session:
        assert [type(count) for count in Documents(session).gaps(frozenset({"open", "restricted"}))] == [int, int]


def test_letters_that_a_database_refuses_are_left_out_of_pages_and_fields(database: Database, archive: None) -> None:
    word = Word("giấy\x00", Box(0, 0, 1, 1), 0.9, 0)
    reading = PageReading(1, Source.TEXT_LAYER, "giấy\x00 mời\ud83d", (word,), 0.9, 10, 14, 200)
    with database.writing() as session:
        documents = Documents(session)
        documents.keep_page(2, reading, image_sha256=None, thumbnail_sha256=None)
        documents.propose(documents.get(2), {"abstract": Field("Về\x00 việc\udc00", 1, None, 0.9)})
        documents.confirm(documents.get(2), "kind", "Giấy\x00 mời", 1)
    with database.reading() as session:
        page = Documents(session).page(2, 1)
        assert page
        assert (page.text, page.words[0].text) == ("giấy mời", "giấy")
        assert [Documents(session).get(2).value(name) for name in ("abstract", "kind")] == ["Về việc", "Giấy mời"]


def test_the_ends_of_a_document_are_its_first_and_last_pages_each_once(database: Database, archive: None) -> None:
    with database.writing() as session:
        documents = Documents(session)
        for number in range(1, 8):
            reading = PageReading(number, Source.OCR, "x", (), 0.9, 10, 14, 200)
            documents.keep_page(3, reading, image_sha256=None, thumbnail_sha256=None)
    with database.reading() as session:
        documents = Documents(session)
        assert [page.number for page in documents.ends(3, head=3, tail=2)] == [1, 2, 3, 6, 7]
        assert [page.number for page in documents.ends(3, head=5, tail=5)] == [1, 2, 3, 4, 5, 6, 7]
        assert documents.ends(99, head=3, tail=2) == []


def test_words_packed_before_they_had_a_source_have_that_of_their_page() -> None:
    old = zlib.compress('[["giấy",10000,20000,30000,2000,90,0]]'.encode())
    (word,) = unpack_words(old, Source.TEXT_LAYER)
    assert word == Word("giấy", Box(0.1, 0.2, 0.3, 0.02), 0.9, 0, Source.TEXT_LAYER)
    assert unpack_words(pack_words([word]), Source.OCR) == (word,)
