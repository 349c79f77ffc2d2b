"""All people, all units and all record files are offered by no page: whoever picks one searches (webapp/ground/picking.py)."""

import ast
from pathlib import Path

WEBAPP = Path(__file__).parents[2] / "webapp"
# what reads every row of these, and who does: to set a list that comes as a file against all
READERS = {
    "People.all": {"people/admin/imports.py"},
    "Units.all": {"people/admin/imports.py"},
    "Places.record_files": set(),
}


def readings(tree: ast.AST) -> set[str]:
    """Which of these are called, on a collection made on the spot or on one that was given a name."""
    named = {
        target.id: call.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(call := node.value, ast.Call) and isinstance(call.func, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(method := node.func, ast.Attribute):
            of = method.value
            made = of.func if isinstance(of, ast.Call) else of
            if isinstance(made, ast.Name):
                found.add(f"{named.get(made.id, made.id) if made is of else made.id}.{method.attr}")
    return found & READERS.keys()


def test_a_reading_of_all_is_seen_however_it_is_written() -> None:
    assert readings(ast.parse("People(session).all()")) == {"People.all"}
    assert readings(ast.parse("units = Units(session)\nfor one in units.all(): pass")) == {"Units.all"}
    assert readings(ast.parse("People(session).get(7)\nVotes(session).all()")) == set()


def test_no_page_reads_all_people_units_or_record_files_to_offer_them() -> None:
    read: dict[str, set[str]] = {what: set() for what in READERS}
    for path in WEBAPP.rglob("*.py"):
        for what in readings(ast.parse(path.read_text("utf-8"))):
            read[what].add(str(path.relative_to(WEBAPP)))
    assert read == READERS
