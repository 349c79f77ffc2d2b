"""Who comes here: signing in, one's own account, people, units, permissions, the audit trail."""

from flask import Flask

from webapp import people
from webapp.ground.pages import register_pages


def register(app: Flask) -> None:
    """Register the pages."""
    register_pages(app, people)
