"""Finding pages."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("find", __name__)


@bp.get("/archive/find")
@requires(Permission.FIND)
def find() -> str:
    """Finding pages."""
    return render_template("error.html", sentence="", status=200)
