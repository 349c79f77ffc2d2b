"""The web program, as a table of contents."""

from flask import Flask, redirect, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from domain.people.roles import Permission, Role
from webapp import realtime
from webapp.archive import document, downloads, fields, find, intake, ledger, places, set_aside
from webapp.directives.archive import compare, from_archive
from webapp.directives.deliveries import deliveries
from webapp.directives.evidence import evidence
from webapp.directives.imports import imports as register_imports
from webapp.directives.incoming import entries as incoming
from webapp.directives.incoming import handling, inbox
from webapp.directives.outgoing import drafts, steps
from webapp.directives.outgoing import entries as outgoing
from webapp.directives.outgoing import entry_forms as entries
from webapp.directives.settings import kinds, numbering, reports
from webapp.directives.shares import closings, shares
from webapp.ground.access import check_every_view, init_access, may, person, requires
from webapp.ground.errors import init_errors
from webapp.ground.formats import init_formats
from webapp.ground.forms import init_forms
from webapp.ground.languages import init_languages
from webapp.ground.security import init_security
from webapp.ground.system import System
from webapp.indicators import closings as indicator_closings
from webapp.indicators import indicators, plans
from webapp.indicators import reports as indicator_reports
from webapp.meetings.before import agenda, bodies, invitations, meetings, participants, rehearsal
from webapp.meetings.desk import attendance, corrections, desk, floor, offline
from webapp.meetings.live import room
from webapp.meetings.minutes import archiving, minutes, pack, signing
from webapp.meetings.papers import notes, opinions, papers, presenting, rounds
from webapp.meetings.tasks import tasks
from webapp.meetings.votes import votes
from webapp.people.accounts import views as accounts
from webapp.people.admin import audit, imports, people, permissions, units


def create_app(system: System) -> Flask:
    """The application on these stores. Refuses to start if a view names no permission."""
    app = Flask(__name__)
    app.extensions["khonggiay"] = system
    if system.settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    init_security(app)
    init_access(app)
    init_languages(app)
    init_formats(app)
    init_forms(app)
    init_errors(app)

    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/health", view_func=health)
    for section in (
        accounts,
        find,
        document,
        downloads,
        fields,
        intake,
        set_aside,
        ledger,
        places,
        people,
        units,
        imports,
        audit,
        permissions,
        room,
        agenda,
        papers,
        opinions,
        notes,
        rounds,
        presenting,
        votes,
        desk,
        attendance,
        corrections,
        floor,
        bodies,
        meetings,
        participants,
        invitations,
        rehearsal,
        minutes,
        signing,
        archiving,
        tasks,
        pack,
        offline,
        outgoing,
        drafts,
        entries,
        steps,
        numbering,
        kinds,
        reports,
        deliveries,
        inbox,
        incoming,
        handling,
        register_imports,
        evidence,
        from_archive,
        compare,
        shares,
        closings,
        indicators,
        indicator_reports,
        indicator_closings,
        plans,
    ):
        app.register_blueprint(section.bp)

    realtime.init_realtime(app)
    rehearsal.init_rehearsals(app)
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
    """Whether the web program answers, for those who watch it."""
    return {"status": "ok"}, 200
