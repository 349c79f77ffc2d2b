"""Papers read and kept: bring them in, look at their reading, find them, know where they lie."""

from flask import Flask

from webapp import archive
from webapp.archive.news import Rooms
from webapp.ground.pages import register_pages


def register(app: Flask) -> None:
    """Register the pages, and the rooms of those who follow a document, a batch or the ledger."""
    app.extensions["rooms"] = Rooms()
    register_pages(app, archive)
