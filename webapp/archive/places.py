"""Archival places."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("places", __name__)


@bp.get("/archive/places")
@requires(Permission.MANAGE_PLACES)
def places() -> str:
    """Archival places."""
    return render_template("error.html", sentence="", status=200)
