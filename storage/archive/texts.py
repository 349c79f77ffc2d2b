"""The texts of pages by (document, page), for whoever finds: search knows no database, so it is given this."""

from collections.abc import Callable, Mapping, Sequence

from storage.archive.documents import Documents
from storage.ground.database import Database


def texts_of(database: Database) -> Callable[[Sequence[tuple[int, int]]], Mapping[tuple[int, int], str]]:
    """A function that gives the texts of pages; pages that are not read are left out."""

    def texts(keys: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], str]:
        with database.reading() as session:
            return Documents(session).texts(keys)

    return texts
