"""Small archives to search, in every implementation of the contract."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from search.index import Index, IndexWriter, Key, PageEntry, Request, Results
from search.parse import parse
from search.whoosh_index import WhooshIndex
from search.whoosh_writer import WhooshWriter

EVERYBODY = frozenset({"all", "staff"})


@dataclass
class Archive:
    """Pages in an index, and their texts in what stands for the database; it counts them, unless told how many there are."""

    index: Index
    writer: IndexWriter
    texts: dict[Key, str] = field(default_factory=dict)
    counted: int | None = None

    def enters(self, *entries: PageEntry) -> None:
        self.texts.update({(entry.document, entry.page): entry.text for entry in entries})
        self.writer.write(entries)
        self.writer.commit()

    def finds(self, question: str, **asked: object) -> list[Key]:
        """The documents and pages found, in order."""
        return [(hit.document, hit.page) for hit in self.answers(question, **asked).hits]

    def answers(self, question: str, **asked: object) -> Results:
        audiences = asked.pop("audiences", EVERYBODY)
        return self.index.search(Request(parse(question), audiences=audiences, **asked))  # type: ignore[arg-type]

    def books(self, pages: int | None, _name: str = "") -> tuple[bool, int]:
        return self.counted in (None, pages), self.counted or 0


def texts_of(known: Mapping[Key, str]) -> Callable[[Sequence[Key]], dict[Key, str]]:
    return lambda wanted: {key: known[key] for key in wanted if key in known}


@pytest.fixture
def whoosh_archive(tmp_path: Path) -> Iterator[Archive]:
    texts: dict[Key, str] = {}
    with WhooshWriter(tmp_path) as writer:
        archive = Archive(WhooshIndex(tmp_path, texts_of(texts), lambda pages, _name: archive.books(pages)), writer, texts)
        yield archive
