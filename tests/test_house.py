"""The house keeps its order: each rule has its test where one looks for it."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_each_module_of_rules_has_its_test_by_name_and_no_test_has_lost_its_module() -> None:
    modules = {path.relative_to(ROOT) for path in (ROOT / "domain").rglob("*.py") if path.name != "__init__.py"}
    tests = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests" / "domain").rglob("test_*.py")}
    assert {path.with_name(f"test_{path.name}") for path in modules} == tests
