"""The table of contents: nothing that was written as a page is missing from the program."""

import re
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).parents[2] / "webapp"


def test_every_blueprint_in_the_code_is_registered(app: Flask) -> None:
    written = {name for file in ROOT.rglob("*.py") for name in re.findall(r'Blueprint\(\s*"(\w+)"', file.read_text("utf-8"))}
    assert "minutes" in written
    assert set(app.blueprints) == written
