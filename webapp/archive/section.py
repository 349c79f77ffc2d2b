"""Papers read and kept: bring them in, look at their reading, find them, know where they lie."""

from flask import Flask

from webapp import archive
from webapp.ground.pages import register_pages


def register(app: Flask) -> None:
    """Register the pages."""
    register_pages(app, archive)
