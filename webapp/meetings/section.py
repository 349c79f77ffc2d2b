"""Before, during and after a meeting, and what follows from it."""

from flask import Flask

from webapp import meetings
from webapp.ground.pages import register_pages


def register(app: Flask) -> None:
    """Register the pages."""
    register_pages(app, meetings)
