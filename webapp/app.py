"""The web program, as a table of contents."""

from flask import Flask, redirect, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from domain.people.roles import Permission, Role
from webapp import archive, directives, indicators, meetings, people
from webapp.archive.news import Rooms
from webapp.ground import section as ground
from webapp.ground.access import check_every_view, may, person, requires
from webapp.ground.pages import register_pages
from webapp.ground.readiness import NEEDED, look
from webapp.ground.system import System, system
from webapp.meetings.live.call import init_call
from webapp.meetings.live.news import init_news
from webapp.realtime import init_realtime


def create_app(system: System) -> Flask:
    """The application on these stores. Refuses to start if a view names no permission."""
    app = Flask(__name__)
    app.extensions["khonggiay"] = system
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/health", view_func=health)
    app.add_url_rule("/ready", view_func=ready)
    ground.register(app)
    app.extensions["rooms"] = Rooms()  # of those who follow a document, a batch or the ledger
    init_news(app)
    init_call(app)
    for room in (people, archive, directives, meetings, indicators):
        register_pages(app, room)
    init_realtime(app)
    check_every_view(app)
    return app


@requires(Permission.SIGNED_IN)
def home() -> Response:
    """Where people land: the page of what they come to do."""
    somebody = person()
    if somebody and somebody.roles == {Role.MEMBER}:
        return redirect(url_for("meetings.meetings"))
    return redirect(url_for("find.find" if may(Permission.FIND) else "accounts.account"))


@requires(Permission.ANYONE)
def health() -> tuple[dict[str, str], int]:
    """Whether the web program answers, and in what condition the index is, for those who watch it."""
    try:
        condition = system().index.state().condition
    except SQLAlchemyError:  # a database that is away is no reason to start this program anew
        return {"status": "ok", "index": "unknown"}, 200
    return {"status": "ok", "index": condition}, 200


@requires(Permission.ANYONE)
def ready() -> tuple[dict[str, object], int]:
    """Whether this installation can serve, for proxies and those who watch it: the names of the checks and no word more."""
    is_ok = {name: not wrong for name, wrong in look(system()).items()}
    is_ready = all(is_ok[name] for name in NEEDED)
    return {"ready": is_ready, "checks": is_ok}, 200 if is_ready else 503
