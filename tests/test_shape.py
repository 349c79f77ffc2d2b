"""The shape of the product: what is long, wide or deep today is the ceiling; whoever makes something shorter lowers it here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.house import PACKAGES, arguments, circles, climbing, functions, graph_of, length, modules, nesting

ROOT = Path(__file__).parents[1]
TREES = {name: tree for package in PACKAGES for name, tree in modules(ROOT, package).items()}
FUNCTIONS = [one for tree in TREES.values() for one in functions(tree)]
FILES = {name: len((ROOT / f"{name.replace('.', '/')}.py").read_text("utf-8").splitlines()) for name in TREES}


def above(limit: int, sizes: list[int]) -> int:
    return sum(size > limit for size in sizes)


@pytest.mark.parametrize(
    ("what", "sizes", "limit", "longest", "many"),
    [
        ("lines of a file", list(FILES.values()), 300, 609, 45),
        ("lines of a function", list(map(length, FUNCTIONS)), 40, 46, 1),
        ("arguments of a function", list(map(arguments, FUNCTIONS)), 5, 10, 41),
        ("blocks within blocks", list(map(nesting, FUNCTIONS)), 3, 6, 14),
    ],
)
def test_nothing_grows_past_what_it_is(what: str, sizes: list[int], limit: int, longest: int, many: int) -> None:
    assert max(sizes) <= longest, what
    assert above(limit, sizes) <= many, f"{what} above {limit}"


def test_a_folder_is_no_drawer() -> None:
    in_folder: dict[str, int] = {}
    for name in FILES:
        folder = name.rpartition(".")[0]
        in_folder[folder] = in_folder.get(folder, 0) + 1
    assert {folder: count for folder, count in in_folder.items() if count > 22} == {}


@pytest.mark.parametrize("found", [circles, climbing], ids=["circles", "arrows that climb"])
@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_lead_down(package: str, found: Callable[[object], object]) -> None:
    assert not found(graph_of(modules(ROOT, package)))
