"""What every answer carries for the safety of whoever reads it: content policy, framing, referrer; and the check of forged forms."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from storage.ground.settings import Network, Settings

# Everything comes from this server: no inline script or style, no foreign host. Images may be made in the page (blob:).
POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "object-src 'none'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

LARGEST_ID = 2**31 - 1  # what the databases keep as a whole number

csrf = CSRFProtect()


class Number(IntegerConverter):
    """A number in an address; beyond what any row can bear there is no such page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID, **kwargs})


def init_security(app: Flask) -> None:
    """Protect forms, limit uploads, and set the headers of every answer."""
    settings = app.extensions["khonggiay"].settings
    if settings.trusted_proxies:
        app.wsgi_app = _behind(settings.trusted_proxies, app.wsgi_app)  # type: ignore[method-assign]
    elif settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.config.update(
        TRUSTED_HOSTS=_own_names(settings),
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME=cookie_name("khonggiay_form", settings),
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open through a long meeting; it ends with the session
        WTF_CSRF_SSL_STRICT=settings.is_production,
    )
    app.url_map.converters["int"] = Number
    csrf.init_app(app)
    app.after_request(_headers)


def cookie_name(name: str, settings: Settings) -> str:
    """What a cookie is called: where it travels by HTTPS only, so that neither another host nor plain HTTP can set it."""
    return f"__Host-{name}" if settings.is_production else name


def keep_on_device(answer: Response, name: str, value: str, lasting: timedelta) -> None:
    """Have the device keep a value that no script reads and no foreign site sends."""
    chosen = current_app.extensions["khonggiay"].settings
    answer.set_cookie(
        cookie_name(name, chosen), value, max_age=lasting, path="/", httponly=True, samesite="Lax", secure=chosen.is_production
    )


def _own_names(settings: Settings) -> list[str] | None:
    """The hosts that a request may say it asks: in production the configured address, and the machine itself; else any."""
    if not settings.is_production or settings.public_url == f"http://{settings.host}:{settings.port}":
        return None
    return [urlsplit(settings.public_url).hostname or "", "localhost", "127.0.0.1", "[::1]"]


def _behind(proxies: Sequence[Network], inner: Any) -> Any:
    """Believe what proxies of ours say of who asks, however many stand in a row, and nobody else."""

    def outer(environ: dict[str, Any], start_response: Any) -> Any:
        said = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        asking, hops = environ.get("REMOTE_ADDR", ""), 0
        while _is_one_of(proxies, asking) and hops < len(said):
            hops += 1
            asking = said[-hops]
        if not hops:
            return inner(environ, start_response)
        return ProxyFix(inner, x_for=hops, x_proto=1, x_host=1)(environ, start_response)

    return outer


def _is_one_of(proxies: Sequence[Network], address: str) -> bool:
    try:
        return any(ip_address(address) in network for network in proxies)
    except ValueError:
        return False


def _headers(answer: Response) -> Response:
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        below = "; includeSubDomains" if current_app.extensions["khonggiay"].settings.hsts_subdomains else ""
        headers["Strict-Transport-Security"] = f"max-age=31536000{below}"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")  # nobody finds restricted papers in a shared tablet's cache
    return answer


def own_path(wanted: str, otherwise: str) -> str:
    """The wanted address if it is a path of ours, else the other; nobody is led to a foreign site by us."""
    parts = urlsplit(wanted)
    is_own = wanted.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in wanted and wanted.isprintable()
    return wanted if is_own and not wanted.startswith("//") else otherwise
