"""The plan's indicators as pages: the dashboard against the targets."""

from flask import Blueprint

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("indicators", __name__, url_prefix="/indicators")


@bp.get("/")
@requires(Permission.READ_REGISTERS)
def dashboard() -> str:
    """All indicators against their targets."""
    return ""
