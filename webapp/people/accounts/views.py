"""Signing in and out, and one's own account."""

from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.clock import now, today
from domain.people.roles import Permission
from domain.people.throttle import TooManyTries
from storage.ground.audit import AuditTrail
from storage.ground.release import version
from storage.people.people import People, Person, SignIn, SignIns
from webapp.ground import languages
from webapp.ground.access import COOKIE, audit, forget_on_device, give_token, me, person, requires
from webapp.ground.errors import sentence
from webapp.ground.security import own_path
from webapp.ground.system import reading, settings, writing
from webapp.people.accounts.acts import set_password
from webapp.people.accounts.devices import device_words
from webapp.people.accounts.forms import PasswordForm, SignInForm
from webapp.people.accounts.passwords import hash_password, is_outdated, matches
from webapp.people.words import ROLES

bp = Blueprint("accounts", __name__)

Answer = tuple[str, int] | str | Response


@bp.get("/sign-in")
@requires(Permission.ANYONE)
def sign_in() -> Answer:
    """The sign-in page."""
    if person():
        return redirect(own_path(request.args.get("next", ""), url_for("home")))
    return render_template("people/accounts/sign_in.html", form=SignInForm())


@bp.post("/sign-in")
@requires(Permission.ANYONE)
def enter() -> Answer:
    """Sign in. An unknown login and a wrong password get the same sentence after the same time."""
    form = SignInForm()
    if not form.validate():
        return render_template("people/accounts/sign_in.html", form=form), 422
    login, address = form.login.data.strip().lower(), request.remote_addr or ""
    try:
        with writing() as records:
            SignIns(records).try_once(login, address)
    except TooManyTries as refusal:
        status, text = sentence(refusal)
        return render_template("people/accounts/sign_in.html", form=form, refusal=text), status
    token = _token_for(login, form.password.data, address)
    if token is None:
        refusal_text = _("Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra rồi nhập lại.")
        return render_template("people/accounts/sign_in.html", form=form, refusal=refusal_text), 422
    answer = redirect(own_path(request.form.get("next", ""), url_for("home")), 303)
    give_token(answer, token)
    return answer


def _token_for(login: str, password: str, address: str) -> str | None:
    """The token of a new sign-in, or None. The slow look at the password holds up nobody else's transaction."""
    with reading() as records:
        somebody = People(records).find(login)
        known_hash = somebody.password_hash if somebody and somebody.is_open else None
    if not matches(known_hash, password):
        with writing() as records:
            _record_failure(records, login)
        return None
    renewed_hash = hash_password(password) if known_hash and is_outdated(known_hash) else None
    with writing() as records:
        somebody = People(records).named(login)
        if not somebody.is_open or somebody.password_hash != known_hash:
            return None  # closed, or given another password, in this very moment
        somebody.password_hash = renewed_hash or somebody.password_hash
        SignIns(records).forgive(login, address)
        _record(records, "signed_in", somebody, person_id=somebody.id)
        lasting = timedelta(hours=settings().session_hours)
        return SignIns(records).start(somebody, lasting=lasting, address=address, device=request.user_agent.string)


def _record_failure(records: Session, login: str) -> None:
    """A failure names the account if there is one; an unknown login is not kept, as it may be a password typed in its place."""
    if somebody := People(records).find(login):
        _record(records, "sign_in_failed", somebody, person_id=None)
    else:
        AuditTrail(records).record("sign_in_failed", actor="", address=request.remote_addr or "")


def _record(records: Session, act: str, somebody: Person, *, person_id: int | None) -> None:
    AuditTrail(records).record(
        act,
        actor=somebody.name if person_id else "",
        person_id=person_id,
        address=request.remote_addr or "",
        subject=("person", somebody.id),
    )


@bp.post("/sign-out")
@requires(Permission.SIGNED_IN)
def sign_out() -> Response:
    """Sign out on this device."""
    with writing() as records:
        records.get_one(SignIn, g.sign_in.id).ended_at = now()
        audit(records, "signed_out", subject=("person", me().id))
    return _left(_("Bạn đã đăng xuất."))


@bp.post("/account/sign-out-everywhere")
@requires(Permission.SIGNED_IN)
def sign_out_everywhere() -> Response:
    """Sign out on all devices."""
    with writing() as records:
        SignIns(records).end_all(me())
        audit(records, "signed_out_everywhere", subject=("person", me().id))
    return _left(_("Bạn đã đăng xuất trên mọi thiết bị."))


def _left(message: str) -> Response:
    session.clear()  # the next one at this tablet gets a form session of their own
    flash(message, "success")
    answer = redirect(url_for("accounts.sign_in"), 303)
    answer.delete_cookie(COOKIE)
    forget_on_device(answer)
    return answer


@bp.get("/account")
@requires(Permission.SIGNED_IN)
def account() -> str:
    """One's own account: name, roles, seats, devices."""
    with reading() as records:
        somebody = People(records).get(me().id)
        return render_template(
            "people/accounts/account.html",
            account=somebody,
            roles=[ROLES[role] for role in ROLES if role in somebody.roles],
            sign_ins=SignIns(records).of(somebody),
            this_device=g.sign_in.id,
            device_words=device_words,
            version=version(),
            today=today(),
        )


@bp.get("/account/password")
@requires(Permission.SIGNED_IN)
def password() -> str:
    """The page on which to choose another password."""
    return render_template("people/accounts/password.html", form=PasswordForm())


@bp.post("/account/password")
@requires(Permission.SIGNED_IN)
def change_password() -> Answer:
    """Change one's own password; other devices are signed out, this one stays."""
    form = PasswordForm()
    if form.validate():
        _check_old(form)
    if form.errors:
        return render_template("people/accounts/password.html", form=form), 422
    answer = redirect(url_for("accounts.account"), 303)
    give_token(answer, _change_password(hash_password(form.new.data)))
    flash(_("Đã đổi mật khẩu. Các thiết bị khác đã được đăng xuất."), "success")
    return answer


def _check_old(form: PasswordForm) -> None:
    """Look at the password in use, as seldom as at the sign-in: whoever finds a tablet signed in is not to guess it here."""
    try:
        with writing() as records:
            SignIns(records).try_once(me().login, request.remote_addr or "")
    except TooManyTries as refusal:
        form.old.errors = [sentence(refusal)[1]]
        return
    if not matches(me().password_hash, form.old.data):
        form.old.errors = [_("Mật khẩu đang dùng không đúng nên chưa đổi. Hãy nhập lại; nếu quên, hãy nhờ quản trị viên.")]
        with writing() as records:
            _record_failure(records, me().login)


def _change_password(password_hash: str) -> str:
    with writing() as records:
        people = People(records)
        somebody = people.get(me().id)
        set_password(people, somebody, password_hash)
        SignIns(records).forgive(somebody.login, request.remote_addr or "")
        audit(records, "password_changed", subject=("person", somebody.id))
        lasting = timedelta(hours=settings().session_hours)
        device = request.user_agent.string
        return SignIns(records).start(somebody, lasting=lasting, address=request.remote_addr or "", device=device)


@bp.post("/language")
@requires(Permission.ANYONE)
def choose_language() -> Response:
    """Choose the language of the pages: kept with the account, and on this device for the sign-in page."""
    wanted = request.form.get("language", "")
    answer = redirect(own_path(request.form.get("next", ""), url_for("home")), 303)
    if wanted in languages.LANGUAGES:
        answer.set_cookie(languages.COOKIE, wanted, max_age=timedelta(days=365), httponly=True, samesite="Lax")
        if person():
            with writing() as records:
                People(records).get(me().id).language = wanted
    return answer
