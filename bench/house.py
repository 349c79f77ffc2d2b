"""The house in figures: of each package its modules, floors, circles, and arrows that climb; and the shape of files and functions.

    .venv/bin/python bench/house.py [FOLDER]

reads the packages below FOLDER (this checkout by default; another checkout, to compare). A module stands on the floor above the
highest it imports; modules that import each other form a circle and share a floor. Arrows climb if they lead to a later room.
"""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median

PACKAGES = ("domain", "search", "storage", "ocr_worker", "webapp", "khonggiay")
ROOMS = ("ground", "people", "archive", "directives", "meetings", "indicators")
Graph = dict[str, set[str]]


def modules(root: Path, package: str) -> dict[str, ast.Module]:
    """The modules of a package by name, `__init__` and migrations left out."""
    paths = [path for path in (root / package).rglob("*.py") if path.stem != "__init__" and "migrations" not in path.parts]
    return {".".join(path.relative_to(root).with_suffix("").parts): ast.parse(path.read_text("utf-8")) for path in paths}


def imported(tree: ast.Module) -> Iterator[str]:
    """Every dotted name that is imported, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def graph_of(trees: dict[str, ast.Module]) -> Graph:
    """Who imports whom."""
    return {name: {other for other in imported(tree) if other in trees and other != name} for name, tree in trees.items()}


def circles(graph: Graph) -> list[set[str]]:
    """The sets of modules that import each other, however far around."""
    reach = {name: set(others) for name, others in graph.items()}
    for middle in graph:
        for name in graph:
            if middle in reach[name]:
                reach[name] |= reach[middle]
    found: list[set[str]] = []
    for name in graph:
        circle = {other for other in reach[name] if name in reach[other]}
        if circle and circle not in found:
            found.append(circle)
    return found


def floors(graph: Graph) -> int:
    """How many floors, a circle counting as one module."""
    home = {name: min(circle) for circle in circles(graph) for name in circle}
    merged: Graph = {}
    for name, others in graph.items():
        own = home.get(name, name)
        merged.setdefault(own, set()).update({home.get(other, other) for other in others} - {own})
    floor: dict[str, int] = {}
    for name in TopologicalSorter(merged).static_order():
        floor[name] = 1 + max((floor[other] for other in merged[name]), default=0)
    return max(floor.values(), default=0)


def climbing(graph: Graph) -> int:
    """How many arrows lead to a later room; where there are no rooms, how many close a circle within a function."""

    def place(name: str) -> int:
        parts = name.split(".")
        return ROOMS.index(parts[1]) if len(parts) > 2 and parts[1] in ROOMS else -1

    return sum(-1 < place(name) < place(other) for name, others in graph.items() for other in others)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions and methods."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def arguments(function: ast.FunctionDef) -> int:
    """How many a caller may give."""
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([one for one in given if one.arg not in ("self", "cls")])


def length(function: ast.FunctionDef) -> int:
    """Its lines, decorators apart."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def nesting(node: ast.AST, depth: int = 0) -> int:
    """How deep blocks stand in each other."""
    blocks = (ast.If, ast.For, ast.While, ast.With, ast.Try)
    return max((nesting(child, depth + isinstance(child, blocks)) for child in ast.iter_child_nodes(node)), default=depth)


def main() -> None:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    print(f"{'package':12}{'modules':>8}{'lines':>8}{'folder':>8}{'floors':>8}{'circles':>8}{'in them':>8}{'climb':>7}")
    for package in PACKAGES:
        trees = modules(root, package)
        graph, paths = graph_of(trees), [root / (name.replace(".", "/") + ".py") for name in trees]
        lines = sum(len(path.read_text("utf-8").splitlines()) for path in paths)
        widest = max(sum(path.parent == folder for path in paths) for folder in {path.parent for path in paths})
        tied = circles(graph)
        row = (len(trees), lines, widest, floors(graph), len(tied), sum(map(len, tied)))
        print(f"{package:12}" + "".join(f"{value:8}" for value in row) + f"{climbing(graph):7}")
    every = {name: tree for package in PACKAGES for name, tree in modules(root, package).items()}
    lengths = sorted(len((root / (name.replace(".", "/") + ".py")).read_text("utf-8").splitlines()) for name in every)
    whole = [one for tree in every.values() for one in functions(tree)]
    spans = sorted(map(length, whole))
    print(
        f"files: {len(lengths)}, median {median(lengths):.0f} lines, longest {lengths[-1]}, {sum(n > 300 for n in lengths)} over 300"
    )
    print(
        f"functions: {len(spans)}, median {median(spans):.0f} lines, longest {spans[-1]}, {sum(n > 40 for n in spans)} over 40"
    )
    print(f"arguments: {sum(arguments(one) > 5 for one in whole)} functions take over 5, the most {max(map(arguments, whole))}")
    print(f"nesting: {sum(nesting(one) >= 4 for one in whole)} functions of 4 or more, the deepest {max(map(nesting, whole))}")


if __name__ == "__main__":
    main()
