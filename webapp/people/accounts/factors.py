"""The second factor: the code after the password, and the page on which one sets up an app and codes to recover by."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import segno
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from pyotp.totp import TOTP
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.people.roles import Permission
from domain.people.throttle import CodesExhausted, TooManyTries
from storage.people.attempts import Attempts
from storage.people.factors import CodeWrong, Factors, Seal, SecretUnreadable, ask_to_set_up, set_up
from storage.people.passkeys import Passkeys
from storage.people.people import People, Person
from webapp.ground.access import audit, me, requires
from webapp.ground.errors import sentence
from webapp.ground.system import reading, settings, writing
from webapp.people.accounts.ceremonies import is_possible
from webapp.people.accounts.door import tried_as, turn
from webapp.people.accounts.entering import (
    ask_old,
    check_old,
    codes_page,
    entered,
    half_proof,
    half_way,
    others_of,
    record,
    record_failure,
    refused_for_now,
    start,
)
from webapp.people.accounts.forms import CodeForm, OldPasswordForm

bp = Blueprint("factors", __name__)

Answer = tuple[str, int] | str | Response
_APP, _RECOVERY = "app", "recovery"


def _seal() -> Seal:
    return Seal(settings().secret_key, settings().former_secret_keys)


@bp.get("/sign-in/code")
@requires(Permission.ANYONE)
def code() -> Answer:
    """The page that asks for the code, for whoever has just shown the password."""
    with reading() as records:
        if half_way(records) is None:
            return _from_the_beginning()
    return _code_page(CodeForm())


@bp.post("/sign-in/code")
@requires(Permission.ANYONE)
def enter_code() -> Answer:
    """Take the code of the app, or one to recover by, and sign in."""
    form = CodeForm()
    with reading() as records:
        somebody = half_way(records)
        login = somebody.login if somebody else ""
    if not login:
        return _from_the_beginning()
    if not form.validate():
        return _code_page(form, status=422)
    tried = tried_as(login)
    try:
        with turn(tried.for_code()):
            token = _token_for_code(form.code.data)
    except (TooManyTries, CodesExhausted) as refusal:
        return refused_for_now(_code_page(form, sentence(refusal)[1])[0], refusal)
    except SecretUnreadable as refusal:
        return _code_page(form, sentence(refusal)[1], status=409)
    if token is None:
        return _code_page(
            form, _("Mã không đúng hoặc đã dùng rồi. Hãy nhập mã mới mà ứng dụng đang hiện, hoặc một mã dự phòng."), 422
        )
    return entered(token, tried, request.form.get("next", ""))


def _from_the_beginning() -> Response:
    return redirect(url_for("accounts.sign_in", next=request.values.get("next") or None), 303)


def _code_page(form: CodeForm, refusal: str = "", status: int = 200) -> tuple[str, int]:
    with reading() as records:
        somebody = half_way(records)
        has_app = bool(somebody and Factors(records, somebody.id).has_app())
        passkeys = bool(somebody and Passkeys(records).count(somebody.id)) and is_possible()
    page = render_template("people/accounts/code.html", form=form, refusal=refusal, has_app=has_app, passkeys=passkeys)
    return page, status


def _token_for_code(typed: str) -> str | None:
    with reading() as records:
        somebody = half_way(records)
        if somebody is None:
            return None
        tried = tried_as(somebody.login)
        Attempts(records).check_codes(tried)
    with writing() as records:
        if somebody := half_way(records):
            if taken := _take(records, somebody, typed):
                Attempts(records).forgive(tried.for_code())
                first = half_proof()
                way = first.way.with_code(is_recovery=taken is _RECOVERY)
                return start(records, somebody, tried, replace(first, way=way))
            record_failure(records, tried.for_code(), somebody)
    return None


def _take(records: Session, somebody: Person, typed: str) -> str:
    """Which it is, a code to recover by or the app's, or none; the former need no secret key, so they still open when that has changed."""
    factors = Factors(records, somebody.id)
    if factors.take_recovery_code(typed):
        record(records, "recovery_code_used", somebody, person_id=somebody.id)
        return _RECOVERY
    return _APP if factors.take_code("".join(typed.split()), _seal()) else ""


@bp.get("/account/second-factor")
@requires(Permission.SIGNED_IN)
def factors() -> str:
    """One's own second factors."""
    with reading() as records:
        return _page(records, ask_old(OldPasswordForm()))


def _page(records: Session, form: OldPasswordForm) -> str:
    own = Factors(records, me().id)
    return render_template(
        "people/accounts/factors.html",
        form=form,
        has_app=own.has_app(),
        passkeys=Passkeys(records).of(me().id),
        codes_left=own.recovery_codes_left(),
        must_set_up=g.sign_in.must_set_up,
        others=others_of(records),
    )


@bp.post("/account/second-factor/app")
@requires(Permission.SIGNED_IN)
def begin_app() -> Answer:
    """Begin to set up an app: show the secret as a code to scan. Whoever finds a tablet signed in does not know the password;
    whoever has none here must have signed in just now."""
    form = ask_old(OldPasswordForm())
    if form.validate():
        check_old(form)
    if form.errors:
        with reading() as records:
            return _page(records, form), 422
    with writing() as records:
        own = Factors(records, me().id)
        if own.has_app():
            return redirect(url_for("factors.factors"), 303)
        return _app_page(CodeForm(), own.begin_app(_seal()))


def _app_page(form: CodeForm, secret: str) -> str:
    address = TOTP(secret).provisioning_uri(name=me().login, issuer_name="Không Giấy")
    square = segno.make(address, error="m")
    return render_template(
        "people/accounts/app.html",
        form=form,
        square=Markup(square.svg_inline(border=2, omitsize=True)),  # noqa: S704 - drawn by the library from an address of ours
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    )


@bp.post("/account/second-factor/app/confirm")
@requires(Permission.SIGNED_IN)
def confirm_app() -> Answer:
    """Take the first code: from now on the password alone does not open. The codes to recover by are shown once."""
    form = CodeForm()
    with writing() as records:
        own = Factors(records, me().id)
        secret = own.waiting_secret(_seal())
        if secret is None:
            return redirect(url_for("factors.factors"), 303)
        if form.validate() and not own.take_code("".join(form.code.data.split()), _seal()):
            form.code.errors = [_("Mã không đúng. Hãy kiểm tra giờ của điện thoại, rồi nhập mã mới mà ứng dụng đang hiện.")]
        if form.errors:
            return _app_page(form, secret), 422
        set_up(records, me().id)
        audit(records, "app_set_up", subject=("person", me().id))
        return codes_page(records)


@bp.post("/account/second-factor/codes")
@requires(Permission.SIGNED_IN)
def new_codes() -> Answer:
    """Other codes to recover by, for whoever shows a code."""
    with _shown_code() as records:
        audit(records, "recovery_codes_made", subject=("person", me().id))
        return codes_page(records)


@bp.post("/account/second-factor/remove")
@requires(Permission.SIGNED_IN)
def remove() -> Answer:
    """Take the second factor away, for whoever shows a code. Whose role needs one is led to set up another."""
    with _shown_code() as records:
        Factors(records, me().id).forget()
        ask_to_set_up(records, People(records).get(me().id))
        audit(records, "second_factor_removed", subject=("person", me().id))
    flash(_("Đã gỡ bước thứ hai. Từ nay chỉ cần mật khẩu để đăng nhập."), "success")
    return redirect(url_for("factors.factors"), 303)


@contextmanager
def _shown_code() -> Iterator[Session]:
    """A writing session for whoever has shown a code with this request; raises CodeWrong, and counts it."""
    tried, typed = tried_as(me().login), request.form.get("code", "")[:60]
    with turn(tried.for_code()):
        with reading() as records:
            Attempts(records).check_codes(tried)
        with writing() as records:
            if _take(records, me(), typed):
                yield records
                return
        with writing() as records:
            record_failure(records, tried.for_code(), me())
    raise CodeWrong
