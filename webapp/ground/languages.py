"""Which language a page speaks: Vietnamese unless the person, or the visitor's cookie, asks for English."""

from pathlib import Path

from flask import Flask, current_app, request
from flask_babel import Babel

from webapp.ground.access import person
from webapp.ground.security import cookie_name

OWN = "vi"  # the texts in the code are Vietnamese, and the keys of every catalogue
LANGUAGES = {OWN: "Tiếng Việt", "en": "English"}
COOKIE = "khonggiay_language"
_CATALOGUES = Path(__file__).parents[1] / "translations"


def language() -> str:
    """The language of this answer."""
    somebody = person()
    wanted = somebody.language if somebody else request.cookies.get(_cookie(), OWN)
    return wanted if wanted in current_app.config["LANGUAGES"] else OWN


def _cookie() -> str:
    return cookie_name(COOKIE, current_app.extensions["khonggiay"].settings)


def offered(catalogues: Path = _CATALOGUES) -> dict[str, str]:
    """The languages that can be chosen, by code: Vietnamese, and those whose catalogue has been compiled."""
    return {
        code: name
        for code, name in LANGUAGES.items()
        if code == OWN or (catalogues / code / "LC_MESSAGES" / "messages.mo").is_file()
    }


def init_languages(app: Flask) -> None:
    """Choose the language of every answer."""
    app.config.update(BABEL_DEFAULT_LOCALE=OWN, BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh", LANGUAGES=offered())
    Babel(app, locale_selector=language)
    app.context_processor(lambda: {"language": language(), "languages": app.config["LANGUAGES"]})
