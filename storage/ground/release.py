"""Which release this is: the number in pyproject.toml, for nothing is installed that could be asked."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def version() -> str:
    """The number of the release, such as 1.0.0; what it means stands at the head of CHANGELOG.md."""
    with (Path(__file__).parents[2] / "pyproject.toml").open("rb") as file:
        number: str = tomllib.load(file)["project"]["version"]
    return number
