"""The shape of the product: what is long, wide or deep today is the ceiling; whoever makes something shorter lowers it here."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from bench.house import PACKAGES, arguments, circles, climbing, functions, graph_of, length, modules, nesting

ROOT = Path(__file__).parents[1]


@cache
def trees(package: str) -> dict[str, ast.Module]:
    return modules(ROOT, package)


def files() -> dict[str, int]:
    """The lines of each module."""
    names = [name for package in PACKAGES for name in trees(package)]
    return {name: len((ROOT / f"{name.replace('.', '/')}.py").read_text("utf-8").splitlines()) for name in names}


def of_functions(size: Callable[[ast.FunctionDef], int]) -> list[int]:
    return [size(one) for package in PACKAGES for tree in trees(package).values() for one in functions(tree)]


def above(limit: int, sizes: list[int]) -> int:
    return sum(size > limit for size in sizes)


@pytest.mark.parametrize(
    ("what", "measured", "limit", "longest", "many"),
    [
        ("lines of a file", lambda: list(files().values()), 300, 609, 45),
        ("lines of a function", lambda: of_functions(length), 40, 46, 1),
        ("arguments of a function", lambda: of_functions(arguments), 5, 10, 41),
        ("blocks within blocks", lambda: of_functions(nesting), 3, 6, 14),
    ],
)
def test_nothing_grows_past_what_it_is(
    what: str, measured: Callable[[], list[int]], limit: int, longest: int, many: int
) -> None:
    sizes = measured()
    assert max(sizes) <= longest, what
    assert above(limit, sizes) <= many, f"{what} above {limit}"


def test_a_folder_is_no_drawer() -> None:
    in_folder: dict[str, int] = {}
    for name in files():
        folder = name.rpartition(".")[0]
        in_folder[folder] = in_folder.get(folder, 0) + 1
    assert {folder: count for folder, count in in_folder.items() if count > 22} == {}


@pytest.mark.parametrize("found", [circles, climbing], ids=["circles", "arrows that climb"])
@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_lead_down(package: str, found: Callable[[object], object]) -> None:
    assert not found(graph_of(trees(package)))
