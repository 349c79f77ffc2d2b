"""What every way of signing in ends with: a sign-in that starts, or a failure that is counted; both in the audit trail."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.clock import now
from domain.people.roles import Role
from domain.people.throttle import FREE_OF_NETWORK, CodesExhausted, TooManyTries
from domain.people.ways import NotFresh, ProviderRefused, Way
from storage.ground.audit import AuditTrail
from storage.people.attempts import Attempts, Try
from storage.people.factors import Factors, must_set_up
from storage.people.identities import Identities, forget_told, one_at_a_time
from storage.people.people import NO_PASSWORD, People, Person, SignIn, SignIns
from webapp.ground.access import give_token, idle, lasting, me
from webapp.ground.errors import sentence
from webapp.ground.security import own_path
from webapp.ground.system import settings, writing
from webapp.people.accounts.ceremonies import is_possible
from webapp.people.accounts.door import make_known, tried_as, turn
from webapp.people.accounts.forms import OldPasswordForm, SignInForm
from webapp.people.accounts.passwords import matches
from webapp.people.accounts.provider import is_offered

_HALF_WAY = "half_way"  # in the signed cookie of the forms: who has shown the password and not yet the code
_PARTS = 6
_WAITS_FOR = timedelta(minutes=10)
FRESH = timedelta(minutes=10)  # whoever has no password of their own here has signed in within this time


@dataclass(frozen=True, slots=True)
class Proof:
    """By what somebody has proved who they are; with the identity at a provider, its session there and the
    provider's word, where there are any."""

    way: Way
    sid: str = ""
    id_token: str | None = None
    identity_id: int = 0


def start(records: Session, somebody: Person, tried: Try, proof: Proof) -> str:
    """Sign the person in on this device and return the token; raises ProviderRefused where only the identity provider may open."""
    if settings().oidc_only and not proof.way.is_by_provider and Role.ADMINISTRATOR not in somebody.roles:
        raise ProviderRefused("only_provider")
    record(records, "signed_in", somebody, person_id=somebody.id, facts={"way": proof.way.value})
    return hold(records, somebody, tried, proof)


def hold(records: Session, somebody: Person, tried: Try, proof: Proof) -> str:
    """A sign-in on this device, in place of the one before; whoever needs a second factor and has none is led to set it up, and to
    nothing else."""
    Attempts(records).forgive(tried)
    if g.get("sign_in"):
        records.get_one(SignIn, g.sign_in.id).ended_at = now()
    forget_told(records, somebody.id)
    token = SignIns(records).start(
        somebody, lasting=min(lasting(), idle()), address=tried.address, device=request.user_agent.string
    )
    facts = {"way": proof.way, "provider_sid": proof.sid or None, "id_token": proof.id_token}
    is_weak = proof.way is not Way.PROVIDER_STRONG and must_set_up(records, somebody)
    SignIns(records).remember(token, tried.device_token, must_set_up=is_weak, **facts)
    return token


def entered(token: str, tried: Try, wanted: str) -> Response:
    """The answer to whoever has just signed in."""
    session.pop(_HALF_WAY, None)
    answer = redirect(own_path(wanted, url_for("home")), 303)
    give_token(answer, token)
    make_known(answer, tried)
    return answer


def record_failure(records: Session, tried: Try, somebody: Person | None = None) -> None:
    """A failure names the account if there is one; an unknown login is not kept, as it may be a password typed in its place.

    Made-up logins do not fill the audit trail: of one address it has as many as an office may mistype.
    """
    attempts = Attempts(records)
    if somebody := somebody or People(records).find(tried.login):
        record(records, "sign_in_failed", somebody, person_id=None)
    elif attempts.before(tried).of_network < FREE_OF_NETWORK:
        AuditTrail(records).record("sign_in_failed", actor="", address=tried.address)
    attempts.add(tried)


def record(records: Session, act: str, somebody: Person, *, person_id: int | None, facts: dict[str, Any] | None = None) -> None:
    """Write it into the audit trail; of what was not proved, nobody is the author."""
    AuditTrail(records).record(
        act,
        actor=somebody.name if person_id else "",
        person_id=person_id,
        address=request.remote_addr or "",
        subject=("person", somebody.id),
        facts=facts,
    )


def sign_in_page(form: SignInForm, refusal: Exception | str = "") -> tuple[str, int]:
    """The sign-in page with every way that is open; with what was refused, if something was."""
    status, said = sentence(refusal) if isinstance(refusal, Exception) else (422 if refusal or form.errors else 200, refusal)
    if isinstance(refusal, ProviderRefused) and not settings().oidc_only:
        said = f"{said} {_beside(refusal)}".rstrip()
    page = render_template(
        "people/accounts/sign_in.html",
        form=form,
        refusal=said,
        passkeys=is_possible(),
        provider=is_offered(),
        label=settings().oidc_label,
        is_only=settings().oidc_only,
    )
    return page, status


def _beside(refusal: ProviderRefused) -> str:
    """Which way is left to whoever the provider could not let in."""
    if refusal.problem in ("unknown", "unverified"):
        return str(_("Nếu có mật khẩu ở đây, bạn cũng có thể đăng nhập bằng mật khẩu rồi tự gắn ở trang “Tài khoản của tôi”."))
    return "" if refusal.problem == "closed" else str(_("Bạn vẫn đăng nhập được bằng mật khẩu."))


def refused_for_now(page: str, refusal: TooManyTries | CodesExhausted) -> Response:
    """The page again, with when to come back."""
    answer = make_response(page, sentence(refusal)[0])
    answer.headers["Retry-After"] = str(math.ceil(refusal.wait.total_seconds()))
    return answer


def wait_for_code(somebody: Person, proof: Proof) -> None:
    """The first step was right; this browser may show the code for some minutes, as long as the password stays what it is, and what
    the provider said is neither unbound nor ended."""
    session[_HALF_WAY] = [somebody.id, _mark_of(somebody), now().isoformat(), proof.way.value, proof.sid, proof.identity_id]


def half_proof() -> Proof:
    """The first step that whoever is half way has taken."""
    *_who, way, sid, identity_id = session[_HALF_WAY]
    return Proof(Way(way), sid, identity_id=identity_id)


def half_way(records: Session) -> Person | None:
    """Who has taken the first step in this browser and is to show the code, or None."""
    held: list[Any] = session.get(_HALF_WAY) or []
    if len(held) != _PARTS:  # nothing, or what another version has kept
        return None
    somebody, begun, proof = records.get(Person, held[0]), datetime.fromisoformat(held[2]), half_proof()
    if not somebody or not somebody.is_open or held[1] != _mark_of(somebody) or now() - begun >= _WAITS_FOR:
        return None
    if proof.way.is_by_provider and not _is_still_there(records, somebody, proof, begun):
        return None
    return somebody


def _is_still_there(records: Session, somebody: Person, proof: Proof, begun: datetime) -> bool:
    one_at_a_time(records)
    return Identities(records, settings().oidc_issuer).still(proof.identity_id, somebody.id, proof.sid, begun)


def needs_code(records: Session, somebody: Person) -> bool:
    """Whether the password alone does not open."""
    return Factors(records, somebody.id).any()


def _mark_of(somebody: Person) -> str:
    return hashlib.sha256(somebody.password_hash.encode()).hexdigest()[:16]


def others_of(records: Session) -> int:
    """On how many other devices whoever is signed in is signed in."""
    return sum(one.id != g.sign_in.id for one in SignIns(records).of(me()))


def codes_page(records: Session) -> str:
    """New codes to recover by, shown once; the account opens in another way now, so other devices may be signed out."""
    codes = Factors(records, me().id).new_recovery_codes()
    return render_template("people/accounts/recovery_codes.html", codes=codes, others=others_of(records))


def knows_password() -> bool:
    """Whether whoever is signed in has a password of their own here; a one-time password is none yet."""
    return me().password_hash != NO_PASSWORD and not me().must_change_password


def ask_old(form: OldPasswordForm) -> OldPasswordForm:
    """The form, without the password where there is none to ask for."""
    if not knows_password():
        del form.old
    return form


def check_old(form: OldPasswordForm) -> None:
    """Look at the password in use, as slowly as at the sign-in: whoever finds a tablet signed in is not to guess it here.

    Whoever has none here must have signed in just now; raises NotFresh.
    """
    if "old" not in form:
        if now() - g.sign_in.started_at > FRESH:
            raise NotFresh
        return
    tried = tried_as(me().login)
    try:
        with turn(tried):
            if matches(me().password_hash, form.old.data):
                return
            with writing() as records:
                record_failure(records, tried, me())
    except TooManyTries as refusal:
        form.old.errors = [sentence(refusal)[1]]
        return
    form.old.errors = [
        _("Mật khẩu đang dùng không đúng nên chưa có gì thay đổi. Hãy nhập lại; nếu quên, hãy nhờ quản trị viên.")
    ]
