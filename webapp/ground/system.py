"""What a running web program stands on: its settings and its stores, made once and reached from every view."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app
from flask import session as http
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from search.index import Index
from storage import tables  # noqa: F401 - all of them, so that nothing that is named is taken for unneeded
from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.settings import Settings


@dataclass(frozen=True, slots=True)
class System:
    """The stores of one installation."""

    settings: Settings
    database: Database
    objects: Objects
    index: "Index"


def system() -> System:
    """The system of the application that is answering."""
    return cast(System, current_app.extensions["khonggiay"])


def settings() -> Settings:
    """The settings of the application that is answering."""
    return system().settings


def reading() -> AbstractContextManager[Session]:
    """A session that reads; render inside its block."""
    return system().database.reading()


@contextmanager
def writing() -> Iterator[Session]:
    """A session that is committed at the end of the block; the audit entry of the act belongs inside.

    What the block says to people (`flash`) is given out once it is committed: if it is not, nothing was done and nothing is said.
    """
    before = list(http.get("_flashes", ()))
    try:
        with system().database.writing() as session:
            yield session
    except BaseException:
        if http.get("_flashes", ()) != before:
            http["_flashes"] = before
        raise
