"""Which language a page speaks: Vietnamese unless the person, or the visitor's cookie, asks for English."""

from flask import Flask, request
from flask_babel import Babel

from webapp.access import person

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
COOKIE = "khonggiay_language"


def language() -> str:
    """The language of this answer."""
    somebody = person()
    wanted = somebody.language if somebody else request.cookies.get(COOKIE, "vi")
    return wanted if wanted in LANGUAGES else "vi"


def init_languages(app: Flask) -> None:
    """Choose the language of every answer."""
    app.config.update(BABEL_DEFAULT_LOCALE="vi", BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh")
    Babel(app, locale_selector=language)
    app.context_processor(lambda: {"language": language(), "languages": LANGUAGES})
