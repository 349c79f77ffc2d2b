"""An index that somebody else has written into runs nothing: not its table of contents, not its postings, nor in Whoosh's readers."""

import os
import pickle
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC
from whoosh.legacy import toc_loaders

from search import pickles
from search.generations import DurableStorage, Generations
from search.index import IndexCorrupt, PageEntry, Request
from search.parse import parse
from search.whoosh_index import WhooshIndex
from search.whoosh_writer import WhooshWriter


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_that_names_what_no_index_holds_is_not_read(tmp_path: Path, protocol: int) -> None:
    for value in (Bomb(tmp_path / "ran"), [1, {"a": Bomb(tmp_path / "ran")}], pickle.Unpickler):
        with pytest.raises(pickle.UnpicklingError):
            pickles.loads(pickle.dumps(value, protocol))
        with pytest.raises(pickle.UnpicklingError):
            StructFile(BytesIO(pickle.dumps(value, protocol))).read_pickle()
    assert not (tmp_path / "ran").exists()
    pickle.loads(pickle.dumps(Bomb(tmp_path / "ran"), protocol))  # noqa: S301 - so that the test could fail
    assert (tmp_path / "ran").exists()


def test_numbers_and_texts_are_read_as_they_were() -> None:
    value = ([1, 2, 3], (0.5, None), b"", {"a": {1, 2}}, frozenset({3}))
    assert pickles.loads(pickle.dumps(value, 2)) == value


@pytest.mark.parametrize("part", ["schema", "segments"])
def test_a_hostile_table_of_contents_is_damage(tmp_path: Path, part: str) -> None:
    root = tmp_path / "index"
    entry = PageEntry(document=1, page=1, text="công đoàn", audience="all")
    with WhooshWriter(root) as writer:
        writer.write([entry])
        writer.commit()
    storage = DurableStorage(Generations(root).readable()[0])
    sound = TOC.read(storage, "MAIN")
    bomb = Bomb(tmp_path / "ran")
    if part == "schema":
        sound.schema.note = bomb
    TOC(sound.schema, [bomb] if part == "segments" else sound.segments, sound.generation + 1).write(storage, "MAIN")
    with pytest.raises(IndexCorrupt):
        WhooshIndex(root, lambda _keys: {}).search(Request(parse("công đoàn"), audiences=frozenset({"all"})))
    assert not (tmp_path / "ran").exists()


def test_the_table_of_an_old_whoosh_which_has_an_unpickler_of_its_own_is_not_read() -> None:
    assert toc_loaders == {}
