"""What holds of every change to the units, one by one or as a list: the tree stays sound, and the audit trail keeps the same facts."""

from sqlalchemy.orm import Session

from domain.people.units import check_tree
from storage.people.units import Unit, Units


def check_sound(session: Session) -> None:
    """Refuse what was changed in this transaction if it contradicts the tree; raises UnitTreeBroken, the first of them."""
    session.flush()
    for problem in check_tree(Units(session).facts()):
        raise problem


def unit_facts(one: Unit) -> dict[str, str]:
    """What the audit trail keeps of a unit."""
    facts = one.facts()
    return {
        "code": one.code,
        "name": one.name,
        "kind": one.kind.value,
        "parent": facts.parent or "",
        "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to.isoformat() if one.valid_to else "",
        "succeeded_by": facts.succeeded_by or "",
    }
