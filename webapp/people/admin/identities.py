"""Who people are at the identity provider, as an administrator binds it; people do so themselves on their own account's page."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from domain.people.roles import Permission
from storage.people.identities import Identities
from storage.people.people import People
from webapp.ground.access import audit, requires
from webapp.ground.system import settings, writing

bp = Blueprint("identities", __name__, url_prefix="/admin/people")


@bp.post("/<int:person_id>/identity")
@requires(Permission.MANAGE_PEOPLE)
def bind(person_id: int) -> Response:
    """Bind a subject of the provider to an account; raises ProviderRefused where either is bound already."""
    subject = request.form.get("subject", "").strip()[:255]
    if subject and settings().oidc_issuer:
        with writing() as session:
            account = People(session).get(person_id)
            Identities(session, settings().oidc_issuer).bind(account.id, subject)
            audit(
                session, "identity_bound", subject=("person", person_id), facts={"identity": subject, "manner": "administrator"}
            )
        flash(_("Đã gắn tài khoản cơ quan."), "success")
    return redirect(url_for("people.person", person_id=person_id), 303)


@bp.post("/<int:person_id>/identity/remove")
@requires(Permission.MANAGE_PEOPLE)
def unbind(person_id: int) -> Response:
    """Take the binding away; what it has signed in ends."""
    with writing() as session:
        removed = Identities(session, settings().oidc_issuer).unbind(person_id)
        audit(session, "identity_removed", subject=("person", person_id), facts={"identity": removed.subject})
    flash(_("Đã bỏ gắn tài khoản cơ quan."), "success")
    return redirect(url_for("people.person", person_id=person_id), 303)
