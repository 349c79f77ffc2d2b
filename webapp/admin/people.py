"""People."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("people", __name__)


@bp.get("/admin/people")
@requires(Permission.MANAGE_PEOPLE)
def people() -> str:
    """People."""
    return render_template("error.html", sentence="", status=200)
