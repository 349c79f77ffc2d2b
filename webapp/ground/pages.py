"""The pages of a room, found in its folder so that none is forgotten: each module that has a blueprint `bp`. No module imports one."""

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType

from flask import Blueprint, Flask


def register_pages(app: Flask, room: ModuleType) -> None:
    """Register the blueprint of each page of the room."""
    for page in _pages(room):
        app.register_blueprint(page)


@cache
def _pages(room: ModuleType) -> list[Blueprint]:
    names = [found.name for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")]
    pages = [getattr(import_module(name), "bp", None) for name in names]
    return [page for page in pages if isinstance(page, Blueprint)]
