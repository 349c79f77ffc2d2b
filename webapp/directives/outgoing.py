"""The outgoing register (văn bản đi) as pages: list, entry, life of a document."""

from flask import Blueprint

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("outgoing", __name__, url_prefix="/directives")


@bp.get("/")
@requires(Permission.READ_REGISTERS)
def outgoing() -> str:
    """The register of outgoing documents."""
    return ""
