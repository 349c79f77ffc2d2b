"""The texts of pages by (document, page), and what the books say of an index: search knows no database, so it is given these."""

from collections.abc import Callable, Mapping, Sequence

from storage.archive.books import agree, name_of
from storage.archive.documents import Documents
from storage.ground.database import Database


def texts_of(database: Database) -> Callable[[Sequence[tuple[int, int]]], Mapping[tuple[int, int], str]]:
    """A function that gives the texts of pages; pages that are not read are left out."""

    def texts(keys: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], str]:
        with database.reading() as session:
            return Documents(session).texts(keys)

    return texts


def books_of(database: Database) -> Callable[[int | None, str], tuple[bool, int]]:
    """A function that says whether an index of so many pages, of the books of that name, can be that of the books
    (`storage.archive.books.agree`).
    """

    def books(indexed_pages: int | None, name: str) -> tuple[bool, int]:
        with database.reading() as session:
            agrees, wanted = agree(session, indexed_pages)
            return agrees and (indexed_pages is None or name == name_of(session)), wanted

    return books
