"""The errors of rules: small, carrying values by name, never a sentence."""

import importlib
import inspect
import pickle
import pkgutil
from typing import Any

import pytest

import domain
from domain.ground.errors import AlreadyExists, FileRefused, NotAllowed, NotFound, RuleError, StepNotAllowed


@pytest.mark.parametrize(
    ("error", "values"),
    [
        (NotFound("unit", 7), {"kind": "unit", "key": 7}),
        (NotAllowed("keep_registers"), {"permission": "keep_registers"}),
        (StepNotAllowed("draft", "issue"), {"state": "draft", "step": "issue"}),
        (AlreadyExists("person", "lan"), {"kind": "person", "key": "lan"}),
        (FileRefused("encrypted"), {"reason": "encrypted", "detail": ""}),
        (FileRefused("crashed", "signal 9"), {"reason": "crashed", "detail": "signal 9"}),
    ],
)
def test_an_error_carries_its_values(error: RuleError, values: dict[str, Any]) -> None:
    assert isinstance(error, RuleError)
    assert vars(error) == values
    assert error.args == tuple(values.values())


def refusals() -> list[type[RuleError]]:
    """Every refusal of every rule."""
    modules = [importlib.import_module(one.name) for one in pkgutil.walk_packages(domain.__path__, "domain.")]
    named = {value for module in modules for value in vars(module).values() if inspect.isclass(value)}
    return sorted((one for one in named if issubclass(one, RuleError)), key=lambda one: one.__name__)


def test_no_two_refusals_bear_one_name() -> None:
    names = [one.__name__ for one in refusals()]
    assert {"NotFound", "AddressMissing", "FloorRefused", "NumberTaken"} < set(names)  # of several rooms
    assert sorted(set(names)) == names


@pytest.mark.parametrize("refusal", [one for one in refusals() if "__init__" in vars(one)], ids=lambda one: one.__name__)
def test_a_refusal_carries_all_that_it_was_told_and_can_be_made_again_from_it(refusal: type[RuleError]) -> None:
    parameters = inspect.signature(refusal).parameters
    raised = refusal(**{name: f"{name} value" for name in parameters})
    again = pickle.loads(pickle.dumps(raised))  # noqa: S301 - what we pickled ourselves
    assert (vars(again), again.args) == (vars(raised), raised.args)
    assert set(vars(raised)) == set(parameters)
