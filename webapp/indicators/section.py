"""What was promised and reached: plans, reports of the units, the consolidated report."""

from flask import Flask

from webapp import indicators
from webapp.ground.pages import register_pages


def register(app: Flask) -> None:
    """Register the pages."""
    register_pages(app, indicators)
