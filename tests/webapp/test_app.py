"""The table of contents: nothing that was written as a page is missing from the program."""

import re
from pathlib import Path

from flask import Flask

from bin.contracts import is_page

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "webapp").rglob("*.py"))


def test_every_blueprint_in_the_code_is_registered(app: Flask) -> None:
    written = {name for file in FILES for name in re.findall(r'Blueprint\(\s*"(\w+)"', file.read_text("utf-8"))}
    assert "minutes" in written
    assert set(app.blueprints) == written


def test_what_the_contract_takes_for_pages_are_those_that_are_registered(app: Flask) -> None:
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in FILES}
    assert {blueprint.import_name for blueprint in app.blueprints.values()} == set(filter(is_page, modules))
