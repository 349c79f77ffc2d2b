"""Who may: every view names its permission, and nobody passes without it. Which role may what is a table in domain/people/roles.py."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from flask import Flask, Response, g, redirect, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from domain.ground.clock import now
from domain.ground.errors import AnotherPerson, NotAllowed
from domain.people.roles import Permission
from storage.ground.audit import AuditTrail
from storage.people.people import Person, SignIn, SignIns
from storage.people.scopes import Scopes
from webapp.ground.aside import aside, init_aside
from webapp.ground.security import cookie_name, keep_on_device
from webapp.ground.system import reading, settings, writing

COOKIE = "khonggiay"  # called otherwise in production, see cookie_name
SPEAKS_FOR = "X-Person"  # on a request of a script: the id of the person whose page it is
_OF = "person"  # in the form session: whose it is
_SEEN_EVERY = timedelta(minutes=5)  # how fresh "last seen" of a device is kept

View = TypeVar("View", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")


class ViewWithoutPermission(RuntimeError):
    """A view was registered without `@requires`; the application refuses to start."""


def requires(permission: Permission) -> Callable[[View], View]:
    """Name the permission that a view asks for. It stands next to the function, below the routes."""

    def name(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return name


class InSession(Protocol):
    """What makes a view of a function whose first argument is a session."""

    def __call__(self, view: Callable[Concatenate[Session, P], R], /) -> Callable[P, R]:
        """The view."""


def shows(permission: Permission) -> InSession:
    """Name the permission of a page that only reads, and hand it the session that it reads in."""
    return _in_session(permission, reading)


def writes(permission: Permission) -> InSession:
    """Name the permission of an act that is one transaction, and hand it the session; it is committed when it has answered."""
    return _in_session(permission, writing)


def _in_session(permission: Permission, begin: Callable[[], AbstractContextManager[Session]]) -> InSession:
    def make(view: Callable[Concatenate[Session, P], R]) -> Callable[P, R]:
        @requires(permission)
        @wraps(view)
        def handed(*args: P.args, **values: P.kwargs) -> R:
            with begin() as session:
                return view(session, *args, **values)

        return handed

    return make


def permission_of(app: Flask, endpoint: str) -> Permission:
    """The permission that an endpoint asks for; raises ViewWithoutPermission."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return Permission.ANYONE
    permission = getattr(app.view_functions[endpoint], "permission", None)
    if permission is None:
        raise ViewWithoutPermission(endpoint)
    return Permission(permission)


def init_access(app: Flask) -> None:
    """Put the gate before every request."""
    init_aside(app)
    app.before_request(_gate)
    app.after_request(_forget_the_last_person)
    app.context_processor(lambda: {"person": person(), "may": may})


def check_every_view(app: Flask) -> None:
    """Refuse to start if any view does not name its permission."""
    for endpoint in app.view_functions:
        permission_of(app, endpoint)


def _gate() -> AnyResponse | None:
    from flask import current_app

    g.sign_in = _sign_in_of_request()
    if request.endpoint is None:
        return None  # no such page: whoever asks gets 404
    permission = permission_of(current_app, request.endpoint)
    if permission is Permission.ANYONE:
        return None
    if g.sign_in is None:
        return _ask_to_sign_in()
    _check_whose(g.sign_in.person_id)
    if g.sign_in.person.must_change_password and not g.sign_in.is_by_provider and request.blueprint != "accounts":
        return _send_to("accounts.password")
    if g.sign_in.must_set_up and request.blueprint not in ("accounts", "factors", "passkeys"):
        return _send_to("factors.factors")
    if not may(permission):
        raise NotAllowed(permission)
    return None


def _sign_in_of_request() -> SignIn | None:
    token = token_of_request()
    if not token or request.endpoint in ("static", "health", "ready"):
        return None
    with reading() as session:
        sign_in = SignIns(session).find(token)
        session.expunge_all()
    if sign_in and now() - sign_in.seen_at > _SEEN_EVERY:
        moment = now()
        aside().see(sign_in.id, moment, min(sign_in.started_at + lasting(), moment + idle()))
    return sign_in


def _check_whose(person_id: int) -> None:
    """At a tablet that goes from hand to hand: what one person's page sends is not another's act, and what it left does not stay.

    Scripts say for whom they speak; forms bear the token of the form session, which ends with its person.
    """
    if request.headers.get(SPEAKS_FOR, str(person_id)) != str(person_id):
        raise AnotherPerson
    if session.get(_OF, person_id) != person_id:
        session.clear()
        g.has_another_left = True
        if request.method == "POST":
            raise AnotherPerson
    session[_OF] = person_id


def _forget_the_last_person(answer: AnyResponse) -> AnyResponse:
    """Where another was signed in before on this browser, have it forget what it keeps."""
    if g.pop("has_another_left", False):
        forget_on_device(answer)
    return answer


def forget_on_device(answer: AnyResponse) -> None:
    """Have the browser forget pages, pictures and whatever scripts keep; it does so on safe connections (HTTPS, or this machine)."""
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'


def _ask_to_sign_in() -> AnyResponse:
    wants_page = not request.accept_mimetypes or request.accept_mimetypes.accept_html
    if not request.headers.get("HX-Request") and not (request.method == "GET" and wants_page):
        raise Unauthorized  # not redirected: going back, people find their form as they had filled it
    wanted = request.full_path.rstrip("?") if request.path != "/" else None
    return _send_to("accounts.sign_in", next=wanted)


def _send_to(endpoint: str, **values: Any) -> AnyResponse:
    """Lead the reader of a page, or of a fragment of one, to another page."""
    if not request.headers.get("HX-Request"):
        return redirect(url_for(endpoint, **values), 303 if request.method == "POST" else 302)
    answer = Response(status=401)
    answer.headers["HX-Redirect"] = url_for(endpoint)
    return answer


def person() -> Person | None:
    """Who is asking, or None."""
    sign_in: SignIn | None = g.get("sign_in")
    return sign_in.person if sign_in else None


def me() -> Person:
    """Who is asking, in a view that only people who have signed in can reach; in a rehearsal, whose part is being played."""
    somebody: Person | None = g.get("playing") or person()
    if somebody is None:
        raise NotAllowed(Permission.SIGNED_IN)
    return somebody


def may(permission: Permission | str) -> bool:
    """Whether whoever is asking has the permission; templates name it by its value."""
    somebody = person()
    return somebody is not None and somebody.may(Permission(permission))


def audiences(session: Session) -> frozenset[str]:
    """The audiences of whoever is asking: every query about documents is filtered by them."""
    return Scopes(session).audiences(me())


def audit(
    session: Session, act: str, *, subject: tuple[str, object] = ("", ""), facts: Mapping[str, Any] | None = None
) -> None:
    """Write what is being done into the audit trail, in the transaction of the act. `act` is past tense: unit_created."""
    somebody = person()
    AuditTrail(session).record(
        act,
        actor=somebody.name if somebody else "",
        person_id=somebody.id if somebody else None,
        address=request.remote_addr or "",
        subject=subject,
        facts=facts,
    )


def audit_reading(act: str, *, subject: tuple[str, object], facts: Mapping[str, Any] | None = None) -> None:
    """Write into the audit trail what is being read, which goes on even while nothing can be written."""
    somebody, address = person(), request.remote_addr or ""
    name, person_id = (somebody.name, somebody.id) if somebody else ("", None)

    def record(session: Session) -> None:
        AuditTrail(session).record(act, actor=name, person_id=person_id, address=address, subject=subject, facts=facts)

    aside().keep(record, act=act, person_id=person_id, subject=subject)


def lasting() -> timedelta:
    """How long a sign-in lasts at most."""
    return timedelta(hours=settings().session_hours)


def idle() -> timedelta:
    """How long it holds while the device is not used."""
    return timedelta(minutes=settings().session_idle_minutes)


def give_token(answer: AnyResponse, token: str) -> None:
    """Put the token of a sign-in into the device's cookie."""
    keep_on_device(answer, COOKIE, token, lasting())


def drop_token(answer: AnyResponse) -> None:
    """Take the token of a sign-in from the device."""
    keep_on_device(answer, COOKIE, "", timedelta(0))


def token_of_request() -> str:
    """The token that the device has sent, or nothing."""
    return request.cookies.get(cookie_name(COOKIE, settings()), "")
