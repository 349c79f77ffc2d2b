"""The audit trail."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("audit", __name__)


@bp.get("/admin/audit")
@requires(Permission.READ_AUDIT)
def audit() -> str:
    """The audit trail."""
    return render_template("error.html", sentence="", status=200)
