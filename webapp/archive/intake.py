"""Bringing papers in."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("intake", __name__)


@bp.get("/archive/batches")
@requires(Permission.BRING_IN)
def batches() -> str:
    """Bringing papers in."""
    return render_template("error.html", sentence="", status=200)
