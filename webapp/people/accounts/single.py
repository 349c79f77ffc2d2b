"""Single sign-on: the pages by which an identity provider signs people in, is bound to an account, and ends its sign-ins."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from domain.ground.clock import now
from domain.people.roles import Permission, Role
from domain.people.ways import ProviderRefused, Way
from storage.ground.audit import AuditTrail
from storage.people.identities import GroupRoles, Identities, one_at_a_time
from storage.people.people import People, Person, SignIn
from webapp.ground.access import audit, me, person, requires
from webapp.ground.errors import sentence
from webapp.ground.security import csrf
from webapp.ground.system import reading, settings, writing
from webapp.people.accounts.door import tried_as
from webapp.people.accounts.entering import (
    Proof,
    ask_old,
    check_old,
    entered,
    needs_code,
    sign_in_page,
    start,
    wait_for_code,
)
from webapp.people.accounts.forms import OldPasswordForm, SignInForm
from webapp.people.accounts.provider import Told, begin, finish, is_offered, lead_on, logout_told

bp = Blueprint("single", __name__)

Answer = tuple[str, int] | str | Response
_BACK = "single.back"
_ANOTHER = (
    "another_at_provider"  # whoever was proved last was not let in: the provider is to ask anew, not to say the same again
)
LONGEST_TOKEN = 20_000  # letters


@bp.before_request
def _only_where_configured() -> None:
    if not is_offered():
        raise NotFound


@bp.post("/sign-in/provider")
@requires(Permission.ANYONE)
def go() -> Answer:
    """Lead to the provider."""
    anew = {"prompt": "login"} if session.pop(_ANOTHER, False) else {}
    try:
        return lead_on(begin(_BACK, {"next": request.form.get("next", "")[:500]}, **anew))
    except ProviderRefused as refusal:
        return sign_in_page(SignInForm(formdata=None), refusal)


@bp.get("/sign-in/provider/back")
@requires(Permission.ANYONE)
def back() -> Answer:
    """Take whoever comes back from the provider: sign in, or bind what was proved to the account that is signed in."""
    try:
        told, kept = finish(_BACK)
        begun = datetime.fromisoformat(kept["at"])
        return _bind(told, kept["person"], begun) if "person" in kept else _enter(told, kept["next"], begun)
    except ProviderRefused as refusal:
        _record_refusal(refusal)
        if person():
            flash(sentence(refusal)[1], "bad")
            return redirect(url_for("accounts.account"), 303)
        return sign_in_page(SignInForm(formdata=None), refusal)


def _record_refusal(refusal: ProviderRefused) -> None:
    """Who was proved and not let in stands in the trail, with the name that an administrator binds; a mere error does not."""
    if refusal.subject:
        session[_ANOTHER] = True
        with writing() as records:
            subject, address = ("identity", refusal.subject), request.remote_addr or ""
            AuditTrail(records).record(
                "sign_in_failed", actor="", address=address, subject=subject, facts={"reason": refusal.problem}
            )


def _enter(told: Told, wanted: str, begun: datetime) -> Response:
    with writing() as records:
        _refuse_ended(records, told, begun)
        somebody, identity_id = _whose(records, told)
        _give_roles(records, somebody, told)
        proof = Proof(Way.PROVIDER_STRONG if told.is_strong else Way.PROVIDER, told.sid, told.id_token, identity_id)
        if not told.is_strong and needs_code(records, somebody):
            wait_for_code(somebody, proof)
            return redirect(url_for("factors.code", next=wanted or None), 303)
        tried = tried_as(somebody.login)
        token = start(records, somebody, tried, proof)
    return entered(token, tried, wanted)


def _refuse_ended(records: Session, told: Told, begun: datetime) -> None:
    """Raise ProviderRefused where the provider has ended, in the meantime, what it said of whoever comes back."""
    one_at_a_time(records)
    if Identities(records, settings().oidc_issuer).is_ended(told.subject, told.sid, begun):
        raise ProviderRefused("ended")


def _whose(records: Session, told: Told) -> tuple[Person, int]:
    """Whom the provider has proved, and by which identity: who is bound to its subject, else who is called by the claim that the
    administrator allows."""
    identities = Identities(records, settings().oidc_issuer)
    found = identities.find(told.subject)
    somebody = records.get_one(Person, found.person_id) if found else _by_claim(records, told)
    if not somebody.is_open:
        raise ProviderRefused("closed", told.subject)
    if found is None:
        _record_binding(records, somebody, told.subject, by="claim")
    identity = identities.bind(somebody.id, told.subject)
    identity.used_at = now()
    return somebody, identity.id


def _by_claim(records: Session, told: Told) -> Person:
    """Raises ProviderRefused. Nobody is created, and nobody who is somebody else there is bound anew."""
    if told.login and not told.is_login_verified:
        raise ProviderRefused("unverified", told.subject)
    somebody = People(records).find(told.login) if told.login else None
    if somebody is None or Role.ADMINISTRATOR in somebody.roles:
        raise ProviderRefused("unknown", told.subject)
    return somebody


def _record_binding(records: Session, somebody: Person, subject: str, *, by: str) -> None:
    facts = {"identity": subject, "manner": by}
    AuditTrail(records).record(
        "identity_bound", actor="", address=request.remote_addr or "", subject=("person", somebody.id), facts=facts
    )


def _give_roles(records: Session, somebody: Person, told: Told) -> None:
    if told.groups is None:
        return
    added, removed = GroupRoles(records).give(somebody, told.groups)
    if added or removed:
        facts = {"new": sorted(added), "removed": sorted(removed)}
        AuditTrail(records).record("roles_by_groups", actor="", subject=("person", somebody.id), facts=facts)


@bp.get("/account/provider")
@requires(Permission.SIGNED_IN)
def mine() -> str:
    """Whether one's account is bound to somebody at the provider."""
    return _page(ask_old(OldPasswordForm()))


def _page(form: OldPasswordForm) -> str:
    with reading() as records:
        identity = Identities(records, settings().oidc_issuer).of(me().id)
        return render_template("people/accounts/provider.html", form=form, identity=identity, issuer=settings().oidc_issuer)


@bp.post("/account/provider")
@requires(Permission.SIGNED_IN)
def go_to_bind() -> Answer:
    """Lead to the provider to prove who one is there, anew; for whoever knows the password here."""
    if refused := _refused_here():
        return refused
    try:
        return lead_on(begin(_BACK, {"person": me().id}, prompt="login"))
    except ProviderRefused as refusal:
        flash(sentence(refusal)[1], "bad")
        return redirect(url_for("single.mine"), 303)


def _refused_here() -> Answer | None:
    form = ask_old(OldPasswordForm())
    if form.validate():
        check_old(form)
    return (_page(form), 422) if form.errors else None


def _bind(told: Told, person_id: int, begun: datetime) -> Response:
    if person() is None or me().id != person_id:
        raise ProviderRefused("expired")
    with writing() as records:
        _refuse_ended(records, told, begun)
        Identities(records, settings().oidc_issuer).bind(person_id, told.subject)
        records.get_one(SignIn, g.sign_in.id).id_token = told.id_token  # signing out here signs out there, where one is in now
        audit(records, "identity_bound", subject=("person", person_id), facts={"identity": told.subject, "manner": "self"})
    flash(_("Đã gắn. Từ nay bạn đăng nhập được bằng tài khoản cơ quan."), "success")
    return redirect(url_for("single.mine"), 303)


@bp.post("/account/provider/remove")
@requires(Permission.SIGNED_IN)
def unbind() -> Answer:
    """Take the binding away; other devices that it has signed in are signed out."""
    if refused := _refused_here():
        return refused
    with writing() as records:
        removed = Identities(records, settings().oidc_issuer).unbind(me().id, but=g.sign_in.id)
        audit(records, "identity_removed", subject=("person", me().id), facts={"identity": removed.subject})
    flash(_("Đã bỏ gắn. Tài khoản cơ quan không mở được tài khoản này nữa."), "success")
    return redirect(url_for("single.mine"), 303)


@bp.post("/sign-in/provider/ended")
@requires(Permission.ANYONE)
def ended() -> tuple[dict[str, Any], int]:
    """End what the provider has ended: it says so itself, by a token that it has signed (back-channel logout)."""
    try:
        subject, sid = logout_told(request.form.get("logout_token", "")[:LONGEST_TOKEN])
    except ProviderRefused:
        return {"error": "invalid_request"}, 400
    with writing() as records:
        for person_id in Identities(records, settings().oidc_issuer).end(subject, sid):
            AuditTrail(records).record("signed_out_by_provider", actor="", subject=("person", person_id))
    return {}, 200


csrf.exempt(ended)  # no browser sends it; what it proves is signed
