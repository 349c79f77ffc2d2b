"""An index that another version of the program wrote: it is known by its format number, and never met with a KeyError."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from whoosh.columns import NumericColumn, RefBytesColumn
from whoosh.fields import COLUMN, Schema

from domain.ground import vietnamese
from search import whoosh_schema, whoosh_snapshot, whoosh_writer
from search.index import Books, Condition, IndexCorrupt, IndexLocked, IndexState, IndexUnfit, PageEntry, Request
from search.parse import parse
from search.syllables import COMMON
from search.whoosh_index import WhooshIndex
from search.whoosh_schema import FORMAT, make_schema, reckon_format
from search.whoosh_writer import WhooshWriter

PLAN = PageEntry(1, 1, "kế hoạch", "open")


def write(root: Path, *entries: PageEntry) -> None:
    with WhooshWriter(root) as writer:
        writer.write(entries)
        writer.commit()


def index_at(root: Path, books: Books = lambda pages, _name: (True, pages or 0)) -> WhooshIndex:
    return WhooshIndex(root, lambda keys: dict.fromkeys(keys, "kế hoạch"), books)


def found(index: WhooshIndex, question: str) -> list[int]:
    return [hit.document for hit in index.search(Request(parse(question), frozenset({"open"}))).hits]


def test_an_index_of_an_older_version_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, PLAN)
    monkeypatch.setattr(whoosh_snapshot, "VALUE_COLUMNS", (*whoosh_schema.VALUE_COLUMNS, "recipients"))
    with pytest.raises(IndexCorrupt):
        found(index_at(tmp_path), "kế hoạch")


# the number


def test_the_format_number_is_the_same_in_every_process(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", "from search.whoosh_schema import FORMAT; print(FORMAT)"]
    root = Path(__file__).parents[2]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root, env={"PYTHONHASHSEED": "7"})
    assert int(said.stdout) == FORMAT == reckon_format()


def with_column(name: str, kind: object) -> Callable[..., Schema]:
    def changed(common: frozenset[str] = COMMON) -> Schema:
        schema = make_schema(common)
        if name in schema.names():
            schema.remove(name)
        schema.add(name, COLUMN(kind))
        return schema

    return changed


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("VALUE_COLUMNS", ("kind", "issuer", "fonds")),
        ("NUMBER_COLUMNS", {"document": "q", "page": "i", "year": "q", "date": "i"}),
        ("make_schema", with_column("recipients", RefBytesColumn())),
        ("make_schema", with_column("year", NumericColumn("i", default=0))),
        ("OWN_WEIGHT", 9.0),
        ("keys", lambda text: text.lower().split()),
        ("folded_key", lambda word: word.replace("ð", "d")),
        ("cited_keys", lambda _text: {"5-nq-tu"}),
        ("own_keys", lambda symbols: set(symbols)),
        ("pair", lambda first, second: f"{first} {second}"),
    ],
)
def test_whoever_changes_a_field_or_what_goes_into_it_changes_the_number(
    monkeypatch: pytest.MonkeyPatch, name: str, changed: object
) -> None:
    monkeypatch.setattr(whoosh_schema, name, changed)
    assert reckon_format() != FORMAT


def test_a_letter_or_a_tone_that_is_folded_otherwise_changes_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vietnamese, "_tone_index", lambda _rhyme: 0)
    for cached in (vietnamese.toned_key, vietnamese.folded_key, vietnamese._place_tone):
        cached.cache_clear()
    try:
        assert reckon_format() != FORMAT
    finally:
        for cached in (vietnamese.toned_key, vietnamese.folded_key, vietnamese._place_tone):
            cached.cache_clear()


def test_the_list_of_common_syllables_does_not_change_the_number_for_each_index_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whoosh_schema, "make_schema", lambda: make_schema(frozenset({"hoa", "giai"})))
    assert reckon_format() == FORMAT


# an index of another number


def written_by_another_version(
    root: Path, schema: Schema | None, monkeypatch: pytest.MonkeyPatch, entries: Sequence[PageEntry] = (PLAN,)
) -> WhooshIndex:
    """An index as another version would have written it, with these fields or with the same."""
    with monkeypatch.context() as before:
        before.setattr(whoosh_writer, "FORMAT", 1)
        if schema:
            before.setattr(whoosh_writer, "make_schema", lambda: schema)
        write(root, *entries)
    return index_at(root)


def test_an_index_of_another_number_is_answered_from_but_says_of_nothing_that_no_page_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = written_by_another_version(tmp_path, None, monkeypatch)
    assert index.state() == IndexState(Condition.OUTDATED, pages=1, renewed=0, wanted=1)
    assert found(index, "kế hoạch") == [1]
    with pytest.raises(IndexUnfit):
        found(index, "báo cáo")


def test_an_index_without_a_number_is_of_another_version(tmp_path: Path) -> None:
    write(tmp_path, PLAN)
    (tmp_path / "1" / "format").unlink()
    assert index_at(tmp_path).state().condition is Condition.OUTDATED


def test_further_fields_of_another_version_do_not_trouble_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = written_by_another_version(tmp_path, with_column("recipients", RefBytesColumn())(), monkeypatch)
    assert found(index, "kế hoạch") == [1]


@pytest.mark.parametrize("name", ["kind", "document", "number", "pairs", "toned"])
def test_an_index_that_lacks_a_field_is_told_as_outdated_and_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    schema = make_schema()
    schema.remove(name)
    index = written_by_another_version(tmp_path, schema, monkeypatch, entries=())
    with pytest.raises(IndexUnfit) as told:
        found(index, "kế hoạch")
    assert told.value.state.condition is Condition.OUTDATED


@pytest.mark.parametrize("files", ["*.toc", "*.trm", "*.pst", "*.col"])
def test_files_of_another_version_that_nobody_can_read_are_told_as_outdated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: str
) -> None:
    index = written_by_another_version(tmp_path, None, monkeypatch)
    for file in (tmp_path / "1").glob(files):
        file.write_bytes(b"\x00" * 400)
    with pytest.raises(IndexUnfit) as told:
        found(index, "kế hoạch")
    assert told.value.state.condition is Condition.OUTDATED


def test_nothing_is_written_into_an_index_of_another_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written_by_another_version(tmp_path, None, monkeypatch)
    with pytest.raises(IndexCorrupt):
        WhooshWriter(tmp_path)
    with WhooshWriter(tmp_path, rebuild=True) as writer:
        writer.write([PLAN])
        writer.publish(keep_previous=False)
    assert index_at(tmp_path).state() == IndexState(Condition.SOUND, pages=1, renewed=0, wanted=1)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["2"]


# a generation that is being made


def test_an_index_that_is_made_anew_says_how_far_it_is_and_answers_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = written_by_another_version(tmp_path, None, monkeypatch)
    with WhooshWriter(tmp_path, rebuild=True) as writer:
        for number in (1, 2, 3):
            writer.write([PageEntry(number, 1, "kế hoạch", "open")])
            writer.commit()
            assert index.state() == IndexState(Condition.OUTDATED, pages=1, renewed=number, wanted=1)
            assert found(index, "kế hoạch") == [1]
        writer.publish()
    assert index.state().condition is Condition.SOUND
    assert found(index, "kế hoạch") == [1, 2, 3]


def test_one_process_makes_an_index_anew_at_a_time(tmp_path: Path) -> None:
    write(tmp_path, PLAN)
    with WhooshWriter(tmp_path, rebuild=True):
        with pytest.raises(IndexLocked):
            WhooshWriter(tmp_path, rebuild=True)
        write(tmp_path, PLAN)


# an index that is gone


def test_where_no_page_was_read_no_index_is_needed(tmp_path: Path) -> None:
    index = index_at(tmp_path / "nowhere", lambda pages, _name: (not pages, 0))
    assert index.state() == IndexState(Condition.SOUND, pages=0, renewed=0, wanted=0)
    assert found(index, "kế hoạch") == []


def test_an_index_that_was_deleted_is_missed_by_a_reader_that_had_it_open(tmp_path: Path) -> None:
    write(tmp_path, PLAN)
    index = index_at(tmp_path, lambda pages, _name: (pages == 1, 1))
    assert found(index, "kế hoạch") == [1]
    shutil.rmtree(tmp_path / "1")
    with pytest.raises(IndexUnfit) as told:
        found(index, "kế hoạch")
    assert told.value.state == IndexState(Condition.MISSING, pages=0, renewed=0, wanted=1)


def test_another_index_in_the_same_folder_is_not_taken_for_the_one_that_was_there(tmp_path: Path) -> None:
    write(tmp_path, PLAN)
    index = index_at(tmp_path)
    assert found(index, "kế hoạch") == [1]
    shutil.rmtree(tmp_path / "1")
    (tmp_path / "current").unlink()
    write(tmp_path, PageEntry(9, 1, "kế hoạch", "open"))
    assert found(index, "kế hoạch") == [9]
