"""Writing pages into a Whoosh index: one process, in batches, each commit whole and on the disk when it returns.

Postings are gathered in arrays and grouped by term with one sort a field, so none is handled alone; stock Whoosh reads the segments.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from itertools import count, repeat
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.whoosh3 import W3Codec, W3TermInfo
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from search.generations import DurableStorage, Generations, format_of, locked
from search.index import IndexCorrupt, Key, PageEntry
from search.whoosh_schema import FORMAT, NUMBER_COLUMNS, PAIRS, VALUE_COLUMNS, Terms, make_schema, page_columns, page_terms
from search.whoosh_segments import Ids, Segment, SegmentCorrupt, Weights, lengths

BATCH = 25_000  # pages: about 400 MB of memory; a rebuild makes segments that large at once, which are never merged
_SEGMENTS_OF_A_SIZE = 5  # as many of one size are merged into one of the next; about 4 a size, 16 at 100,000 pages
_SMALLEST_SIZE = 200  # pages; segments below it are of one size
_LARGEST_MERGED = 50_000  # pages; merging more would need more than half a gigabyte of memory
_DELETED_SHARE = 0.3  # of a segment's pages; beyond it the segment is written anew
_PAGE_BITS = 20  # of a key as one number: no document has a million pages
_BLOCK = 1024  # postings
_COMPRESSION = 3  # of zlib, from 0 to 9
_UNCOMPRESSED = 16  # postings, and fewer: packing them takes longer than writing a list, and saves nothing


class WhooshWriter:
    """Enters pages into the index below a root folder (contract: `search.index.IndexWriter`).

    A generation that it makes is of the `books` of that name.

    Open one for each batch of work, so that a generation published meanwhile is the one written to. With `rebuild`, into a new
    generation that nobody reads before `publish`; pages that changed after the rebuild began must be written again, which shows
    them once. Raises IndexLocked where another writer holds the generation or makes a new one as well, IndexCorrupt where the
    current generation cannot be read, or is of another format, and a rebuild is due.
    """

    def __init__(self, root: Path, *, rebuild: bool = False, books: str = "") -> None:
        self._generations = Generations(root)
        self._entries: dict[Key, PageEntry] = {}
        self._removed: set[Key] = set()
        self._removed_documents: set[int] = set()
        self._segments: dict[str, Segment] = {}
        with ExitStack() as held:
            readable = self._generations.readable()
            is_new = rebuild or not readable
            if is_new:
                root.mkdir(parents=True, exist_ok=True)
                held.enter_context(locked(root))
            self.generation = self._generations.create(FORMAT, books) if is_new else readable[0]
            held.enter_context(locked(self.generation))
            self._index = self._open(is_new=is_new)
            if is_new and not rebuild:
                self._generations.publish(self.generation)
            self._held = held.pop_all()

    def _open(self, *, is_new: bool) -> FileIndex:
        if format_of(self.generation)[0] != FORMAT:
            raise IndexCorrupt(str(self.generation))
        storage = DurableStorage(self.generation)
        try:
            return FileIndex.create(storage, make_schema()) if is_new else FileIndex(storage)
        except Exception as error:  # a damaged table of contents is unpickled, which may raise anything
            raise IndexCorrupt(str(self.generation)) from error

    def write(self, entries: Iterable[PageEntry]) -> None:
        """Enters pages; the last entry of a page counts. Every `BATCH` pages are committed on the way, to bound the memory."""
        for entry in entries:
            key = (entry.document, entry.page)
            self._entries[key] = entry
            self._removed.add(key)
            if len(self._entries) >= BATCH:
                self.commit()

    def remove(self, keys: Iterable[Key]) -> None:
        """Takes pages out; those not there are passed over."""
        for key in keys:
            self._entries.pop(key, None)
            self._removed.add(key)

    def remove_documents(self, documents: Iterable[int]) -> None:
        """Takes all pages of documents out."""
        gone = set(documents)
        self._removed_documents |= gone
        self._entries = {key: entry for key, entry in self._entries.items() if key[0] not in gone}

    def commit(self) -> None:
        """Makes everything written or removed findable, and safe from a power cut."""
        if not self._removed and not self._removed_documents:
            return
        writer = PageWriter(self._index)
        try:
            for place in self._obsolete(writer.segments):
                writer.delete_document(place)
            common = writer.schema[PAIRS].common
            for entry in self._entries.values():
                writer.add_page(page_terms(entry, common), page_columns(entry))
            writer.commit(mergetype=merge_by_size)
        except (SegmentCorrupt, FileNotFoundError) as error:
            raise IndexCorrupt(str(self.generation)) from error
        finally:
            if not writer.is_closed:
                writer.cancel()
        self._entries, self._removed, self._removed_documents = {}, set(), set()

    def purge(self, documents: Iterable[int]) -> None:
        """Writes every segment anew that held a page of these documents, living or removed, and forgets the generation before.

        One at a time, to bound the memory.
        """
        gone = set(documents)
        try:
            while (held := self._holder(gone)) is not None:
                PageWriter(self._index).commit(mergetype=partial(_write_anew, held))
        except (SegmentCorrupt, FileNotFoundError) as error:
            raise IndexCorrupt(str(self.generation)) from error
        if self._generations.readable()[:1] == [self.generation]:
            self._generations.publish(self.generation, keep_previous=False)

    def _holder(self, documents: set[int]) -> str | None:
        """The id of a segment with removed pages, some of them of these documents; None when there is none."""
        for segment in self._index._segments():
            removed = list(segment.deleted_docs())
            if removed and not documents.isdisjoint(self._segment(segment).numbers("document", "q")[removed].tolist()):
                return str(segment.segment_id())
        return None

    def publish(self, *, keep_previous: bool = True) -> None:
        """Commits, and makes this generation the one that is read. The one before it stays, to fall back on, if it is worth it."""
        self.commit()
        self._generations.publish(self.generation, keep_previous=keep_previous)

    def close(self) -> None:
        """Forgets what was not committed and lets others write."""
        self._entries, self._removed, self._removed_documents = {}, set(), set()
        self._held.close()

    def __enter__(self) -> "WhooshWriter":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _obsolete(self, segments: list[Any]) -> Iterator[int]:
        """The places, counted through all segments, of pages removed or entered anew."""
        keys = np.array([_number(*key) for key in self._removed], np.int64)
        documents = np.array(list(self._removed_documents), np.int64)
        base = 0
        self._segments = {segment.segment_id(): self._segment(segment) for segment in segments}
        for segment in segments:
            read = self._segments[segment.segment_id()]
            in_segment = read.numbers("document", "q")
            numbers = (in_segment << _PAGE_BITS) + read.numbers("page", "i")
            for place in np.flatnonzero(np.isin(numbers, keys) | np.isin(in_segment, documents)).tolist():
                if not segment.is_deleted(place):
                    yield base + place
            base += read.count

    def _segment(self, segment: Any) -> Segment:
        known = self._segments.get(segment.segment_id())
        return known or Segment(self._index.storage, segment)


def _number(document: int, page: int) -> int:
    return (document << _PAGE_BITS) + page


def merge_by_size(writer: "PageWriter", segments: list[Any]) -> list[Any]:
    """Whoosh's merge policy: which segments stay. The others go into the one being written.

    Segments are few at every size, and each page is written anew about once a size.
    """
    pending = writer.doc_count()
    worn = [segment for segment in segments if segment.deleted_count() > _DELETED_SHARE * segment.doc_count_all()]
    merged = {segment.segment_id() for segment in worn}
    pending += sum(map(_living, worn))
    for size in range(_size(_LARGEST_MERGED)):
        peers = [one for one in segments if one.segment_id() not in merged and _size(one.doc_count_all()) == size]
        if len(peers) + (_size(pending) == size) >= _SEGMENTS_OF_A_SIZE:
            merged |= {segment.segment_id() for segment in peers}
            pending += sum(map(_living, peers))
    for segment in segments:
        if segment.segment_id() in merged:
            writer.add_segment(segment)
    return [segment for segment in segments if segment.segment_id() not in merged]


def _write_anew(segment_id: str, writer: "PageWriter", segments: list[Any]) -> list[Any]:
    """Whoosh's merge policy that writes one segment anew, without its removed pages."""
    for segment in segments:
        if segment.segment_id() == segment_id and _living(segment):
            writer.add_segment(segment)
    return [segment for segment in segments if segment.segment_id() != segment_id]


def _living(segment: Any) -> int:
    return int(segment.doc_count_all() - segment.deleted_count())


def _size(count: int) -> int:
    """How many times a segment is `_SEGMENTS_OF_A_SIZE` times the smallest size.

    >>> [_size(count) for count in (1, 199, 200, 999, 1000, 100_000)]
    [0, 0, 1, 1, 2, 4]
    """
    size = 0
    while count >= _SMALLEST_SIZE:
        count, size = count // _SEGMENTS_OF_A_SIZE, size + 1
    return size


class _Field:
    """One field's postings as they come: of each the number of its term, its page and its weight."""

    def __init__(self) -> None:
        self.numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self.terms, self.places, self.weights = array("I"), array("I"), array("f")

    def add(self, terms: Terms, place: int) -> None:
        """One page's terms."""
        self.terms.extend(map(self.numbers.__getitem__, terms))
        self.places.extend(repeat(place, len(terms)))
        self.weights.extend(terms.values())

    def extend(self, term: str, places: Ids, weights: Weights) -> None:
        """One term's postings of many pages, all after those already there."""
        self.terms.extend(repeat(self.numbers[term], len(places)))
        self.places.frombytes(places.tobytes())
        self.weights.frombytes(weights.tobytes())

    def by_term(self) -> Iterator[tuple[bytes, Ids, Weights]]:
        """The terms in order, each with its pages, ascending, and its weights there."""
        numbers = np.frombuffer(self.terms, np.uint32)
        order = np.argsort(numbers, kind="stable")
        places, weights = np.frombuffer(self.places, np.uint32)[order], np.frombuffer(self.weights, np.float32)[order]
        ends = np.cumsum(np.bincount(numbers)).tolist()
        starts = [0, *ends]
        for term, number in sorted((term.encode(), number) for term, number in self.numbers.items()):
            of_term = slice(starts[number], ends[number])
            yield term, places[of_term], weights[of_term]


class _Fields(defaultdict[str, _Field]):
    """The postings of the segment being written, by field, in memory."""

    def __init__(self) -> None:
        super().__init__(_Field)

    def cleanup(self) -> None:
        """Lets the memory go (Whoosh calls it after the segment is written, or given up)."""
        self.clear()


class PageWriter(SegmentWriter):  # type: ignore[misc]  # Whoosh has no types
    """Writes one segment of stock format, its postings grouped by term. Used once: add, then `commit` or `cancel`."""

    def __init__(self, index: FileIndex) -> None:
        super().__init__(index, compound=False, codec=W3Codec(blocklimit=_BLOCK))
        self.pool = _Fields()

    def add_page(self, terms: Mapping[str, Terms], columns: Mapping[str, bytes | int]) -> None:
        """Adds one page: its terms by field, its values by column."""
        self._check_state()
        out = self.perdocwriter
        out.start_doc(self.docnum)
        for field, weights in terms.items():
            self.pool[field].add(weights, self.docnum)
            if self.schema[field].scorable:
                out.add_field(field, self.schema[field], None, int(sum(weights.values())))
        for column, value in columns.items():
            out.add_column_value(column, self.schema[column].column_type, value)
        out.finish_doc()
        self._added = True
        self.docnum += 1

    def add_segment(self, segment: Any) -> None:
        """Takes the living pages of an older segment over."""
        read = Segment(self.storage, segment)
        alive = np.ones(read.count, bool)
        alive[list(segment.deleted_docs())] = False
        places = np.cumsum(alive, dtype=np.uint32) - np.uint32(1) + np.uint32(self.docnum)
        reader = segment.codec().per_document_reader(self.storage, segment)
        self._copy_columns(read, reader, np.flatnonzero(alive).tolist())
        for field, term, ids, weights in read.all_postings():
            kept = alive[ids]
            if kept.any():
                self.pool[field].extend(term.decode(), places[ids[kept]], weights[kept])
        self._added = True

    def _copy_columns(self, read: Segment, reader: Any, places: list[int]) -> None:
        numbers = {name: read.numbers(name, typecode) for name, typecode in NUMBER_COLUMNS.items()}
        values = {
            name: read.values(name, self.schema[name].column_type) for name in self.schema.names() if name in VALUE_COLUMNS
        }
        scored = [name for name, field in self.schema.items() if field.scorable]
        out = self.perdocwriter
        for place in places:
            out.start_doc(self.docnum)
            for name in scored:
                out.add_field(name, self.schema[name], None, reader.doc_field_length(place, name) or 0)
            for name, column in numbers.items():
                out.add_column_value(name, self.schema[name].column_type, int(column[place]))
            for name, texts in values.items():
                out.add_column_value(name, self.schema[name].column_type, texts.distinct[texts.codes[place]].encode())
            out.finish_doc()
            self.docnum += 1

    def _flush_segment(self) -> None:
        """Writes the postings, field by field and term by term in order (called by `commit`)."""
        self.perdocwriter.close()
        out = self.fieldwriter
        for name in sorted(self.pool):
            field = self.schema[name]
            words = lengths(self.storage, self.get_segment(), name) if field.scorable else None
            out.start_field(name, field)
            for term, places, weights in self.pool.pop(name).by_term():
                self._write_term(field, term, places, weights, words)
            out.finish_field()
        out.close()

    def _write_term(self, field: Any, term: bytes, places: Ids, weights: Weights, words: Weights | None) -> None:
        """One term's posting list, block by block, as W3PostingsWriter.add_posting would have filled it."""
        out, posts = self.fieldwriter, self.fieldwriter._postwriter
        out._btext = term
        posts.start_postings(field.format, W3TermInfo())
        posts._compression = _COMPRESSION if len(places) > _UNCOMPRESSED else 0
        for start in range(0, len(places), _BLOCK):
            if start:
                posts._write_block()
            block = slice(start, start + _BLOCK)
            posts._ids, posts._weights = places[block].tolist(), weights[block].tolist()
            posts._maxweight = max(posts._weights)
            if words is not None:
                of_block = words[places[block]]
                posts._minlength, posts._maxlength = int(of_block.min()), int(of_block.max())
        out.finish_term()
