"""Reading unmodified Whoosh segments (W3 format) into numpy arrays: bytes on disk only, not what they mean to a search.

A segment never changes once written, deletions apart, which stand in the table of contents.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length

from search import pickles
from search.generations import DurableStorage

Ids = npt.NDArray[np.uint32]
Weights = npt.NDArray[np.float32]

_BLOCK_MAGIC = b"W3Bl"
_NO_IDS: Ids = np.empty(0, np.uint32)
_NO_WEIGHTS: Weights = np.empty(0, np.float32)
_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], np.float32)


class SegmentCorrupt(Exception):
    """A file of the index does not say what a sound one says."""


@contextmanager
def as_corrupt() -> Iterator[None]:
    """Damaged bytes, read as pickles and offsets, may raise anything at all."""
    try:
        yield
    except (SegmentCorrupt, FileNotFoundError):
        raise
    except Exception as error:
        raise SegmentCorrupt from error


@dataclass(frozen=True, slots=True)
class Values:
    """A column of texts: the distinct ones, and for each page which."""

    distinct: list[str]
    codes: npt.NDArray[np.int32]


class Segment:
    """One immutable segment. Not safe for threads: positions in its files are shared."""

    def __init__(self, storage: DurableStorage, segment: Any) -> None:
        self.id: str = segment.segment_id()
        self.count: int = segment.doc_count_all()
        self._storage, self._segment = storage, segment
        with as_corrupt():
            self._terms = segment.codec().terms_reader(storage, segment)
            self._posts = storage.view(segment.make_filename(".pst"))

    def postings(self, field: str, term: str) -> tuple[Ids, Weights]:
        """The pages of a term, ascending, and the term's weight in each; empty where there is none."""
        with as_corrupt():
            try:
                info = self._terms.term_info(field, term.encode())
            except TermNotFound:
                return _NO_IDS, _NO_WEIGHTS
            return self._decode(info)

    def postings_from(self, field: str, start: str) -> Iterator[tuple[str, Ids, Weights]]:
        """Every term of a field that is not before `start`, in order, with its postings."""
        with as_corrupt():
            for (name, term), info in self._terms.items_from(field, start.encode()):
                if name != field:
                    return
                yield term.decode(), *self._decode(info)

    def all_postings(self) -> Iterator[tuple[str, bytes, Ids, Weights]]:
        """Every term of every field with its postings."""
        with as_corrupt():
            for (field, term), info in self._terms.items():
                yield field, term, *self._decode(info)

    def _decode(self, info: Any) -> tuple[Ids, Weights]:
        offset, _length = info.extent()
        if self._posts[offset : offset + 4] != _BLOCK_MAGIC:
            raise SegmentCorrupt(self.id)
        blocks = list(self._blocks(offset + 4))
        ids = np.concatenate([ids for ids, _ in blocks])
        if len(ids) != info.doc_frequency() or int(ids[-1]) >= self.count:
            raise SegmentCorrupt(self.id)
        return ids, np.concatenate([weights for _, weights in blocks])

    def _blocks(self, position: int) -> Iterator[tuple[Ids, Weights]]:
        """The blocks of a posting list. Each is its length (negative in the last), a pickled head, and pickled data."""
        is_last = False
        while not is_last:
            size = int.from_bytes(self._posts[position : position + 4], "big", signed=True)
            is_last = size < 0
            block = BytesIO(self._posts[position + 4 : position + 4 + abs(size)])
            count, _last_id, _max_weight, compression, _shortest, _longest = pickles.load(block)
            data = zlib.decompress(block.read()) if compression else block.read()
            deltas, weights, _payloads = pickles.loads(data)
            yield np.cumsum(np.array(deltas, np.uint32), dtype=np.uint32), _weights(weights, count)
            position += 4 + abs(size)

    def lengths(self, field: str) -> Weights:
        """The number of words of each page in a scored field, as coarsely as Whoosh keeps it."""
        return lengths(self._storage, self._segment, field)

    def numbers(self, column: str, typecode: str) -> npt.NDArray[np.int64]:
        """A column of numbers, one a page."""
        read = _column(self._storage, self._segment, column, np.dtype(f">{typecode}"))
        if len(read) != self.count:
            raise SegmentCorrupt(self.id)
        return read.astype(np.int64)

    def values(self, column: str, kind: Any) -> Values:
        """A column of texts; `kind` is the column's type in the schema."""
        with as_corrupt():
            name = self._segment.codec().column_filename(self._segment, column)
            reader = kind.reader(self._storage.open_file(name), 0, self._storage.file_length(name), self.count)
            dtype = np.dtype(f">{reader._typecode}")
            codes = np.frombuffer(self._storage.view(name)[: self.count * dtype.itemsize], dtype)
            if len(codes) != self.count or int(codes.max(initial=0)) >= len(reader._uniques):
                raise SegmentCorrupt(self.id)
            return Values([value.decode() for value in reader._uniques], codes.astype(np.int32))


def lengths(storage: DurableStorage, segment: Any, field: str) -> Weights:
    """What `Segment.lengths` gives, of a segment whose terms may not be written yet."""
    read = _column(storage, segment, f"_{field}_len", np.dtype("u1"))
    missing = np.zeros(segment.doc_count_all() - len(read), np.uint8)  # pages at the end without a word
    return np.take(_LENGTHS, np.concatenate([read, missing]))


def _column(storage: DurableStorage, segment: Any, column: str, dtype: Any) -> npt.NDArray[Any]:
    """The numbers of a column as they are written, none where no page has one."""
    with as_corrupt():
        name = segment.codec().column_filename(segment, column)
        return np.frombuffer(storage.view(name) if storage.file_exists(name) else b"", dtype)


def _weights(written: Any, count: int) -> Weights:
    """The weights of a block: Whoosh writes none where all are 1, and one where all are the same."""
    if written is None:
        return np.ones(count, np.float32)
    return np.full(count, written, np.float32) if isinstance(written, float) else np.array(written, np.float32)
