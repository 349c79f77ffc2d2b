"""Units."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("units", __name__)


@bp.get("/admin/units")
@requires(Permission.MANAGE_UNITS)
def units() -> str:
    """Units."""
    return render_template("error.html", sentence="", status=200)
