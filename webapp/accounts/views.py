"""Signing in and out, and one's own account."""

from flask import Blueprint, render_template

from domain.roles import Permission
from webapp.access import requires

bp = Blueprint("accounts", __name__)


@bp.get("/account")
@requires(Permission.SIGNED_IN)
def account() -> str:
    """Signing in and out, and one's own account."""
    return render_template("error.html", sentence="", status=200)


@bp.get("/sign-in")
@requires(Permission.ANYONE)
def sign_in() -> str:
    """The sign-in page."""
    return render_template("error.html", sentence="", status=200)


@bp.post("/sign-out")
@requires(Permission.SIGNED_IN)
def sign_out() -> str:
    """Sign out."""
    return ""
