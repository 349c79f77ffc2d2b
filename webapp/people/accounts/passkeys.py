"""Passkeys: making one, taking one away, and signing in with one, which needs no password and no code."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from domain.people.roles import Permission
from domain.people.ways import ProviderRefused, Way
from storage.people.factors import Factors, ask_to_set_up, set_up
from storage.people.passkeys import PasskeyRefused, Passkeys
from storage.people.people import People, Person
from webapp.ground.access import audit, me, requires
from webapp.ground.system import reading, writing
from webapp.people.accounts.ceremonies import (
    is_possible,
    options_to_register,
    options_to_sign_in,
    registered,
    shown,
)
from webapp.people.accounts.door import tried_as
from webapp.people.accounts.entering import Proof, ask_old, check_old, codes_page, entered, sign_in_page, start
from webapp.people.accounts.forms import OldPasswordForm, PasskeyForm, SignInForm

bp = Blueprint("passkeys", __name__)

Answer = tuple[str, int] | str | AnyResponse


@bp.get("/account/passkeys/new")
@requires(Permission.SIGNED_IN)
def new() -> Answer:
    """The form before a passkey is made: its name, and the password once more."""
    return render_template("people/accounts/passkey_form.html", form=ask_old(PasskeyForm()), is_possible=is_possible())


@bp.post("/account/passkeys/new")
@requires(Permission.SIGNED_IN)
def begin() -> Answer:
    """Ask the browser for a passkey. Whoever finds a tablet signed in does not know the password; whoever has none here must have
    signed in just now."""
    form = ask_old(PasskeyForm())
    if form.validate():
        check_old(form)
    if form.errors or not is_possible():
        return render_template("people/accounts/passkey_form.html", form=form, is_possible=is_possible()), 422
    with reading() as records:
        options = options_to_register(me(), Passkeys(records).of(me().id))
    return render_template("people/accounts/passkey_make.html", options=options, name=form.name.data.strip())


@bp.post("/account/passkeys")
@requires(Permission.SIGNED_IN)
def make() -> Answer:
    """Keep the passkey that the browser has made. With the first second factor come codes to recover by, shown once."""
    name = request.form.get("name", "").strip()[:60] or _("Thiết bị không rõ")
    with writing() as records:
        had_any = Factors(records, me().id).any()
        records.add(registered(request.form.get("credential", ""), name, me().id))
        set_up(records, me().id)
        audit(records, "passkey_made", subject=("person", me().id), facts={"name": name})
        if not had_any:
            return codes_page(records)
    flash(_("Đã thêm passkey."), "success")
    return redirect(url_for("factors.factors"), 303)


@bp.get("/account/passkeys/<int:passkey_id>/remove")
@requires(Permission.SIGNED_IN)
def ask_remove(passkey_id: int) -> str:
    """The form before a passkey is taken away: the password once more."""
    return _remove_page(passkey_id, ask_old(OldPasswordForm()))


def _remove_page(passkey_id: int, form: OldPasswordForm) -> str:
    with reading() as records:
        return render_template(
            "people/accounts/passkey_remove.html", form=form, passkey=Passkeys(records).own(me().id, passkey_id)
        )


@bp.post("/account/passkeys/<int:passkey_id>/remove")
@requires(Permission.SIGNED_IN)
def remove(passkey_id: int) -> Answer:
    """Take a passkey away, for whoever knows the password. Whose role needs a second factor and has no other is led to set one up."""
    form = ask_old(OldPasswordForm())
    if form.validate():
        check_old(form)
    if form.errors:
        return _remove_page(passkey_id, form), 422
    with writing() as records:
        removed = Passkeys(records).remove(me().id, passkey_id)
        ask_to_set_up(records, People(records).get(me().id))
        audit(records, "passkey_removed", subject=("person", me().id), facts={"name": removed.name})
    flash(_("Đã gỡ passkey. Trên thiết bị, hãy xóa nó trong phần quản lý mật khẩu."), "success")
    return redirect(url_for("factors.factors"), 303)


@bp.post("/sign-in/passkey/options")
@requires(Permission.ANYONE)
def options() -> Response:
    """What the browser needs to show a passkey; the same for everybody, since it is not said who comes."""
    return Response(options_to_sign_in(), mimetype="application/json")


@bp.post("/sign-in/passkey")
@requires(Permission.ANYONE)
def enter() -> Answer:
    """Sign in with what the browser has shown."""
    try:
        with writing() as records:
            passkey = shown(request.form.get("credential", ""), Passkeys(records))
            somebody = records.get_one(Person, passkey.person_id)
            if not somebody.is_open:
                raise PasskeyRefused
            tried = tried_as(somebody.login)
            token = start(records, somebody, tried, Proof(Way.PASSKEY))
    except (PasskeyRefused, ProviderRefused) as error:
        return sign_in_page(SignInForm(formdata=None), error)
    return entered(token, tried, request.form.get("next", ""))
