"""One document."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("document", __name__)


@bp.get("/archive/documents/<int:document_id>")
@requires(Permission.FIND)
def document(document_id: int) -> str:
    """One document."""
    return render_template("error.html", sentence="", status=200)
