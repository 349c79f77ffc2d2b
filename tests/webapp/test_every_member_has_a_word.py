"""What people read for a member of an enum stands in one table, and the table is total."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from types import ModuleType
from typing import Any

import pytest

import domain
import khonggiay
import ocr_worker
import search
import storage
import webapp
from domain.ground.words import Words
from webapp.meetings.before import agenda
from webapp.meetings.words import ITEM_KINDS

NAME = re.compile("[a-z0-9_]*")
NOT_SAID = {
    "domain.directives.imports.columns._BOTH",  # headings by which a column is known: read, never said
}


def modules() -> Iterator[ModuleType]:
    for package in (domain, search, storage, ocr_worker, webapp, khonggiay):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".migrations" not in found.name and not found.name.endswith((".__main__", ".wsgi")):
                yield importlib.import_module(found.name)


def says(value: Any) -> bool:
    """Whether it is written for people; what looks like a name in code is one."""
    if isinstance(value, tuple):
        return any(map(says, value))
    return type(value).__name__ == "LazyString" or (isinstance(value, str) and not NAME.fullmatch(value))


def enum_of(table: Mapping[Any, Any], enums: list[type[Enum]]) -> type[Enum] | None:
    """The enum whose members are the keys, or are written out as its values."""
    if kinds := {type(key) for key in table if isinstance(key, Enum)}:
        return kinds.pop()
    return next((enum for enum in enums if len(enum) > 1 and set(table) == {member.value for member in enum}), None)


@pytest.fixture(scope="module")
def tables() -> dict[str, tuple[Mapping[Any, Any], type[Enum]]]:
    """Every table of words for members of an enum, each once, by its place."""
    walked = list(modules())
    enums = [each for module in walked for each in vars(module).values() if isinstance(each, type) and issubclass(each, Enum)]
    places: dict[int, tuple[str, Mapping[Any, Any]]] = {}
    for module in walked:
        for name, table in vars(module).items():
            if isinstance(table, Mapping) and table and any(map(says, table.values())):
                places.setdefault(id(table), (f"{module.__name__}.{name}", table))  # imported elsewhere it is the same object
    return {place: (table, enum) for place, table in places.values() if (enum := enum_of(table, enums))}


def test_the_kinds_of_an_item_have_one_table_of_words() -> None:
    assert vars(agenda)["KINDS"] is ITEM_KINDS


def test_every_table_of_words_for_an_enum_is_total(tables: dict[str, tuple[Mapping[Any, Any], type[Enum]]]) -> None:
    assert len(tables) > 60
    assert {place for place, (table, _enum) in tables.items() if not isinstance(table, Words)} == NOT_SAID


def test_an_enum_has_one_table_of_words_unless_the_other_says_why(
    tables: dict[str, tuple[Mapping[Any, Any], type[Enum]]],
) -> None:
    first: dict[type[Enum], list[str]] = {}
    for place, (table, enum) in tables.items():
        if isinstance(table, Words) and not table.beside:
            first.setdefault(enum, []).append(place)
    assert {enum.__name__: places for enum, places in first.items() if len(places) > 1} == {}
