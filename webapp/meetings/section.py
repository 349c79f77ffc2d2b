"""Before, during and after a meeting, and what follows from it."""

from flask import Flask

from webapp import meetings
from webapp.ground.pages import register_pages
from webapp.meetings.live.news import init_news


def register(app: Flask) -> None:
    """Register the pages, and have what happens in a meeting told to its room."""
    init_news(app)
    register_pages(app, meetings)
