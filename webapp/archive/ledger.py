"""The ledger."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("ledger", __name__)


@bp.get("/archive/ledger")
@requires(Permission.SEE_LEDGER)
def ledger() -> str:
    """The ledger."""
    return render_template("error.html", sentence="", status=200)
