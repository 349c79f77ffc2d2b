"""The pages of a room, found in its folder so that none is forgotten: each module that has a blueprint `bp`. No module imports one."""

import pkgutil
from importlib import import_module
from types import ModuleType

from flask import Blueprint, Flask


def register_pages(app: Flask, room: ModuleType) -> None:
    """Register the blueprint of each page of the room."""
    for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        page = getattr(import_module(found.name), "bp", None)
        if isinstance(page, Blueprint):
            app.register_blueprint(page)
