"""The tables that the demo is made from: who, which units, which papers. What is made of them stands in the modules beside."""

import tomllib
from pathlib import Path
from typing import Any


def table(name: str) -> dict[str, Any]:
    """The table of that name."""
    return tomllib.loads((Path(__file__).parent / "tables" / f"{name}.toml").read_text("utf-8"))
