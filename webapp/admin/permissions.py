"""Who may what."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("permissions", __name__)


@bp.get("/admin/permissions")
@requires(Permission.SEE_PERMISSIONS)
def permissions() -> str:
    """Who may what."""
    return render_template("error.html", sentence="", status=200)
