"""What every page stands on: security, the gate, languages, formats, forms, errors, sockets."""

from flask import Flask

from webapp.ground.access import init_access
from webapp.ground.errors import init_errors
from webapp.ground.formats import init_formats
from webapp.ground.forms import init_forms
from webapp.ground.languages import init_languages
from webapp.ground.security import init_security
from webapp.ground.sockets import init_sockets


def register(app: Flask) -> None:
    """Lay the ground; first, since the gate stands before whatever else asks to be asked."""
    init_security(app)
    init_access(app)
    init_languages(app)
    init_formats(app)
    init_forms(app)
    init_errors(app)
    init_sockets(app)
