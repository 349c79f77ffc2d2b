"""What is written and received: registers, numbers, deliveries, evidence, shares."""

from flask import Flask

from webapp import directives
from webapp.ground.pages import register_pages


def register(app: Flask) -> None:
    """Register the pages."""
    register_pages(app, directives)
