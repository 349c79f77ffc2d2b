"""Signing in and out, and one's own account."""

from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from domain.ground.clock import now, today
from domain.people.roles import Permission
from domain.people.throttle import TooManyTries
from domain.people.ways import PasswordOver, ProviderRefused, Way
from storage.ground.release import version
from storage.people.attempts import Try
from storage.people.people import People, SignIn, SignIns
from webapp.ground import languages
from webapp.ground.access import audit, drop_token, forget_on_device, give_token, me, person, requires
from webapp.ground.security import keep_on_device, own_path
from webapp.ground.system import reading, writing
from webapp.people.accounts.acts import set_password
from webapp.people.accounts.devices import device_words
from webapp.people.accounts.door import make_known, next_pause, tried_as, turn
from webapp.people.accounts.entering import (
    Proof,
    check_old,
    entered,
    hold,
    needs_code,
    record_failure,
    refused_for_now,
    sign_in_page,
    start,
    wait_for_code,
)
from webapp.people.accounts.forms import PasswordForm, SignInForm
from webapp.people.accounts.passwords import hash_password, is_outdated, matches
from webapp.people.accounts.provider import is_offered, lead_on, logout_address
from webapp.people.words import ROLES, WAYS

bp = Blueprint("accounts", __name__)

# What whoever has signed out reads.
_LEFT = {
    "here": _l("Bạn đã đăng xuất."),
    "here_only": _l(
        "Bạn đã đăng xuất. Hệ thống đăng nhập của cơ quan không trả lời nên ở đó có thể bạn vẫn đang đăng nhập. Hãy đóng trình duyệt."
    ),
    "everywhere": _l("Bạn đã đăng xuất trên mọi thiết bị."),
}

Answer = tuple[str, int] | str | Response
NEEDS_CODE = ""  # in place of a token


@bp.get("/sign-in")
@requires(Permission.ANYONE)
def sign_in() -> Answer:
    """The sign-in page."""
    if person():
        return redirect(own_path(request.args.get("next", ""), url_for("home")))
    if left := _LEFT.get(request.args.get("left", "")):
        flash(str(left), "success")  # by no cookie: one that comes with the order to empty the browser is lost now and then
    return sign_in_page(SignInForm())


@bp.post("/sign-in")
@requires(Permission.ANYONE)
def enter() -> Answer:
    """Sign in. An unknown login and a wrong password get the same sentence after the same time."""
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form)
    tried = tried_as(form.login.data)
    try:
        with turn(tried):
            token = _token_for(tried, form.password.data)
    except TooManyTries as refusal:
        return refused_for_now(sign_in_page(form, refusal)[0], refusal)
    except (PasswordOver, ProviderRefused) as refusal:
        return sign_in_page(form, refusal)
    wanted = request.form.get("next", "")
    if token is NEEDS_CODE:
        return redirect(url_for("factors.code", next=wanted or None), 303)
    if token is None:
        return sign_in_page(form, _wrong(tried))
    return entered(token, tried, wanted)


def _wrong(tried: Try) -> str:
    wrong = _("Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra rồi nhập lại.")
    slowly = _(
        "Vừa có nhiều lần nhập sai nên lần thử tiếp theo được xem sau %(seconds)s giây; tài khoản không bị khóa. "
        "Nếu quên mật khẩu, hãy nhờ quản trị viên cấp mật khẩu mới.",
        seconds=(pause := next_pause(tried)).seconds,
    )
    return f"{wrong} {slowly}" if pause else str(wrong)


def _token_for(tried: Try, password: str) -> str | None:
    """The token of a new sign-in, NEEDS_CODE where the password is not enough, or None.

    The slow look at the password holds up nobody else's transaction.
    """
    with reading() as records:
        somebody = People(records).find(tried.login)
        known_hash = somebody.password_hash if somebody and somebody.is_open else None
    if not matches(known_hash, password):
        with writing() as records:
            record_failure(records, tried)
        return None
    renewed_hash = hash_password(password) if known_hash and is_outdated(known_hash) else None
    with writing() as records:
        somebody = People(records).named(tried.login)
        if not somebody.is_open or somebody.password_hash != known_hash:
            return None  # closed, or given another password, in this very moment
        if somebody.password_until and somebody.password_until <= now():
            raise PasswordOver
        somebody.password_hash = renewed_hash or somebody.password_hash
        if needs_code(records, somebody):
            wait_for_code(somebody, Proof(Way.PASSWORD))
            return NEEDS_CODE
        return start(records, somebody, tried, Proof(Way.PASSWORD))


@bp.post("/sign-out")
@requires(Permission.SIGNED_IN)
def sign_out() -> Response:
    """Sign out on this device; where an identity provider has signed in, then there too, if it offers that."""
    with writing() as records:
        ended = records.get_one(SignIn, g.sign_in.id)
        ended.ended_at = now()
        audit(records, "signed_out", subject=("person", me().id))
        id_token, is_there = ended.id_token, is_offered() and (ended.is_by_provider or ended.id_token is not None)
    try:
        onward = logout_address(id_token, "accounts.sign_in") if is_there else ""
    except ProviderRefused:
        return _left("here_only")
    return _left("here", onward)


@bp.post("/account/sign-out-everywhere")
@requires(Permission.SIGNED_IN)
def sign_out_everywhere() -> Response:
    """Sign out on all devices."""
    with writing() as records:
        SignIns(records).end_all(me())
        audit(records, "signed_out_everywhere", subject=("person", me().id))
    return _left("everywhere")


@bp.post("/account/sign-out-others")
@requires(Permission.SIGNED_IN)
def sign_out_others() -> Response:
    """Sign out on all devices but this one, as after a change of what opens the account."""
    with writing() as records:
        SignIns(records).end_all(me(), but=g.sign_in.id)
        audit(records, "signed_out_others", subject=("person", me().id))
    flash(_("Đã đăng xuất trên các thiết bị khác."), "success")
    return redirect(url_for("accounts.account"), 303)


@bp.post("/account/devices/<int:sign_in_id>/sign-out")
@requires(Permission.SIGNED_IN)
def sign_out_device(sign_in_id: int) -> Response:
    """Sign out on one device, this one or another."""
    with writing() as records:
        ended = SignIns(records).end(me().id, sign_in_id)
        audit(records, "signed_out_device", subject=("person", me().id), facts={"device": ended.device})
    if sign_in_id == g.sign_in.id:
        return _left("here")
    flash(_("Đã đăng xuất trên thiết bị đó."), "success")
    return redirect(url_for("accounts.account"), 303)


def _left(how: str, onward: str = "") -> Response:
    session.clear()  # the next one at this tablet gets a form session of their own
    g.sign_in = None
    answer = lead_on(onward) if onward else redirect(url_for("accounts.sign_in", left=how), 303)
    if onward:  # the provider leads back to the bare page
        flash(str(_LEFT[how]), "success")
    drop_token(answer)
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
            ways=WAYS,
            provider=is_offered(),
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
        check_old(form)
    if form.errors:
        return render_template("people/accounts/password.html", form=form), 422
    answer, tried = redirect(url_for("accounts.account"), 303), tried_as(me().login)
    give_token(answer, _change_password(hash_password(form.new.data), tried))
    make_known(answer, tried)
    flash(_("Đã đổi mật khẩu. Các thiết bị khác đã được đăng xuất."), "success")
    return answer


def _change_password(password_hash: str, tried: Try) -> str:
    with writing() as records:
        people = People(records)
        somebody = people.get(me().id)
        set_password(people, somebody, password_hash)
        audit(records, "password_changed", subject=("person", somebody.id))
        return hold(records, somebody, tried, Proof(g.sign_in.way or Way.PASSWORD, g.sign_in.provider_sid or ""))


@bp.post("/language")
@requires(Permission.ANYONE)
def choose_language() -> Response:
    """Choose the language of the pages: kept with the account, and on this device for the sign-in page."""
    wanted = request.form.get("language", "")
    answer = redirect(own_path(request.form.get("next", ""), url_for("home")), 303)
    if wanted in languages.LANGUAGES:
        keep_on_device(answer, languages.COOKIE, wanted, timedelta(days=365))
        if person():
            with writing() as records:
                People(records).get(me().id).language = wanted
    return answer
