"""The dated tree of units: what exists on a day, what follows whom, and which changes would break the tree."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from domain.ground.errors import RuleError


class UnitKind(StrEnum):
    """The levels of the union, from the province down."""

    PROVINCE = "province"  # Liên đoàn Lao động tỉnh
    UPPER = "upper"  # công đoàn cấp trên trực tiếp cơ sở: huyện, ngành, xã, phường
    GRASSROOTS = "grassroots"  # công đoàn cơ sở
    OFFICE = "office"  # a department of the provincial federation


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the rules know of a unit. `valid_to` is its last day; None means that it stands."""

    code: str
    parent: str | None
    valid_from: date
    valid_to: date | None = None
    succeeded_by: str | None = None

    def stands_on(self, day: date) -> bool:
        """Whether the unit exists on that day, its first and last day included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


TreeProblem = Literal[
    "cycle", "parent_unknown", "successor_unknown", "ends_before_start", "starts_before_parent", "successor_is_itself",
    "successor_cycle", "successor_without_end",
]  # fmt: skip


class UnitTreeBroken(RuleError):
    """A unit contradicts the tree."""

    code: str
    problem: TreeProblem


def check_tree(units: Mapping[str, UnitFacts]) -> list[UnitTreeBroken]:
    """Every contradiction in the tree, none if it is sound; `units` maps each code to its facts.

    >>> here = UnitFacts("A", parent="B", valid_from=date(2020, 1, 1))
    >>> [error.problem for error in check_tree({"A": here})]
    ['parent_unknown']
    """
    return [UnitTreeBroken(unit.code, problem) for unit in units.values() for problem in _problems(unit, units)]


def _problems(unit: UnitFacts, units: Mapping[str, UnitFacts]) -> list[TreeProblem]:
    found: list[TreeProblem] = []
    if unit.valid_to is not None and unit.valid_to < unit.valid_from:
        found.append("ends_before_start")
    if unit.succeeded_by is not None and unit.valid_to is None:
        found.append("successor_without_end")
    if unit.succeeded_by == unit.code:
        found.append("successor_is_itself")
    elif unit.succeeded_by is not None and unit.succeeded_by not in units:
        found.append("successor_unknown")
    elif _leads_back(unit.code, lambda code: units[code].succeeded_by if code in units else None):
        found.append("successor_cycle")
    if unit.parent is not None:
        found += _parent_problems(unit, units)
    return found


def _parent_problems(unit: UnitFacts, units: Mapping[str, UnitFacts]) -> list[TreeProblem]:
    parent = units.get(unit.parent or "")
    if parent is None:
        return ["parent_unknown"]
    if _leads_back(unit.code, lambda code: units[code].parent if code in units else None):
        return ["cycle"]
    return ["starts_before_parent"] if unit.valid_from < parent.valid_from else []


def _leads_back(start: str, next_of: Callable[[str], str | None]) -> bool:
    """Whether going on from `start`, one by one, comes back to it."""
    seen: set[str] = set()
    code = next_of(start)
    while code is not None and code not in seen:
        if code == start:
            return True
        seen.add(code)
        code = next_of(code)
    return False


def successor_on(code: str, day: date, units: Mapping[str, UnitFacts]) -> str | None:
    """The unit that carries on the work of `code` on that day: itself, its successor, or None if there is none.

    >>> old = UnitFacts("BD", None, date(1989, 7, 1), date(2025, 6, 30), "GL")
    >>> new = UnitFacts("GL", None, date(2025, 7, 1))
    >>> successor_on("BD", date(2025, 12, 30), {"BD": old, "GL": new})
    'GL'
    """
    seen: set[str] = set()
    while code in units and code not in seen:
        unit = units[code]
        if unit.stands_on(day):
            return code
        if unit.succeeded_by is None:
            return None
        seen.add(code)
        code = unit.succeeded_by
    return None


def tree_on(day: date, units: Mapping[str, UnitFacts]) -> dict[str | None, list[str]]:
    """The units that stand on that day, in their given order, under the code of the unit above them; None holds the tops.

    A unit whose superior has ended stands under the superior's successor: a merger moves the grassroots without touching them.

    >>> old = UnitFacts("BD", None, date(1989, 7, 1), date(2025, 6, 30), "GL")
    >>> new = UnitFacts("GL", None, date(2025, 7, 1))
    >>> below = UnitFacts("CS", "BD", date(2001, 1, 1))
    >>> tree_on(date(2025, 12, 30), {"BD": old, "GL": new, "CS": below})
    {None: ['GL'], 'GL': ['CS']}
    """
    above = {code: _superior_on(day, unit, units) for code, unit in units.items() if unit.stands_on(day)}
    tree: dict[str | None, list[str]] = {}
    for code in above:
        # a unit that was succeeded by one below it leads back to itself: it then stands on top, in sight
        tree.setdefault(None if _leads_back(code, above.get) else above[code], []).append(code)
    return tree


def _superior_on(day: date, unit: UnitFacts, units: Mapping[str, UnitFacts]) -> str | None:
    return successor_on(unit.parent, day, units) if unit.parent is not None else None


def under(codes: Iterable[str], units: Mapping[str, UnitFacts]) -> frozenset[str]:
    """These units and all that belong to them: below them, or carried on by them, at any time.

    >>> old = UnitFacts("BD", None, date(1989, 7, 1), date(2025, 6, 30), "GL")
    >>> new = UnitFacts("GL", None, date(2025, 7, 1))
    >>> below = UnitFacts("CS", "BD", date(2001, 1, 1))
    >>> sorted(under(["GL"], {"BD": old, "GL": new, "CS": below}))
    ['BD', 'CS', 'GL']
    """
    belonging: dict[str, list[str]] = {}
    for unit in units.values():
        for above in {unit.parent, unit.succeeded_by} - {None}:
            belonging.setdefault(str(above), []).append(unit.code)
    found, waiting = set(), [code for code in codes if code in units]
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += belonging.get(code, [])
    return frozenset(found)


def branches(top: str, units: Mapping[str, UnitFacts]) -> dict[str, str]:
    """For each unit that belongs to `top`, through which unit right under it; `top` itself stands for itself. Each stands once.

    >>> units = {"T": UnitFacts("T", None, date(2000, 1, 1)), "U": UnitFacts("U", "T", date(2000, 1, 1))}
    >>> branches("T", units | {"G": UnitFacts("G", "U", date(2000, 1, 1))})
    {'T': 'T', 'U': 'U', 'G': 'U'}
    """
    belonging: dict[str, list[str]] = {}
    for unit in units.values():
        for above in {unit.parent, unit.succeeded_by} - {None}:
            belonging.setdefault(str(above), []).append(unit.code)
    found = {top: top}
    found |= {code: code for code in sorted(belonging.get(top, [])) if code != top}
    waiting = [code for code in found if code != top]
    while waiting:
        code = waiting.pop()
        for below in belonging.get(code, []):
            if below not in found:
                found[below] = found[code]
                waiting.append(below)
    return found
