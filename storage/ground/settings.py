"""The settings, read once from the environment at the edge of each program and then passed on as one value."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from domain.ground.backups import Keeping

PREFIX = "KHONGGIAY_"
Network = IPv4Network | IPv6Network
_KEEPING = Keeping(7, 4, 12)
DEVELOPMENT_SECRET = "development-only-secret-never-in-production"  # noqa: S105 - refused in production, see read_settings


class SettingsRefused(Exception):
    """Some settings are wrong; `problems` holds (name, what was expected). Wrong values are not repeated: they may be secret."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: expected {expected}" for name, expected in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that may differ between two installations."""

    environment: str = "development"
    secret_key: str = DEVELOPMENT_SECRET
    former_secret_keys: tuple[str, ...] = ()  # under which the audit trail was sealed before
    data_dir: Path = Path("var")
    database_url: str = ""  # empty: SQLite in data_dir
    objects_url: str = ""  # empty: a folder in data_dir
    second_objects_url: str = ""  # a second store, to which everything is copied; empty: none
    broker_url: str = ""  # empty: a folder in data_dir
    watched_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    behind_proxy: bool = False
    trusted_proxies: tuple[Network, ...] = ()  # empty: with behind_proxy the one that asks, else none
    log_level: str = "info"
    session_hours: int = 12
    session_idle_minutes: int = 240
    max_upload_mb: int = 512
    max_pages: int = 2000
    page_timeout_s: int = 120  # of processors
    page_memory_mb: int = 3072
    readers: int = 2
    sandbox: str = "available"
    archive_agency_code: str = ""
    smtp_url: str = ""  # empty: mail waits in the outbox
    mail_from: str = ""
    audit_mail: str = ""  # where the last head of the audit trail goes each day
    tsa_url: str = ""  # a time-stamping authority (RFC 3161); without it heads are not time-stamped
    public_url: str = ""  # empty: http://host:port
    signing_key: Path | None = None  # of the organisation, PKCS#12; without it nothing is signed
    signing_password: str = ""
    trust_roots: Path | None = None  # a folder of certificates
    check_days: int = 7  # 0: never
    check_mb_s: int = 20
    backup_dir: Path | None = None  # without it the worker makes no backups
    backup_at: time = time(2, 0)  # in Vietnam
    backup_keep: Keeping = _KEEPING
    hsts_subdomains: bool = False
    oidc_issuer: str = ""  # of an identity provider (OpenID Connect); without it nobody signs in by one
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_client_secret_file: Path | None = None  # instead of the secret itself
    oidc_label: str = ""  # of the button
    oidc_scopes: str = "openid profile email"
    oidc_login_claim: str = ""  # the claim that is the login here, for the first sign-in; empty: none binds
    oidc_groups_claim: str = ""
    oidc_strong_amr: tuple[str, ...] = ()  # values of `amr` and of `acr` that are believed to mean a second factor
    oidc_strong_acr: tuple[str, ...] = ()
    oidc_only: bool = False

    def __post_init__(self) -> None:
        derived = {
            "database_url": f"sqlite:///{self.data_dir}/khonggiay.sqlite3",
            "objects_url": f"file:{self.data_dir}/objects",
            "broker_url": f"filesystem:{self.data_dir}/broker",
            "mail_from": "khonggiay@localhost",
            "public_url": f"http://{self.host}:{self.port}",
        }
        for name, value in derived.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)

    @property
    def index_dir(self) -> Path:
        """Where the search index lives; disposable."""
        return self.data_dir / "index"

    @property
    def oidc_secret(self) -> str:
        """The secret that the provider knows us by, read anew each time from its file, which may be renewed."""
        return (
            self.oidc_client_secret_file.read_text("utf-8").strip() if self.oidc_client_secret_file else self.oidc_client_secret
        )

    @property
    def is_production(self) -> bool:
        """Whether real people rely on this installation."""
        return self.environment == "production"


def _one_of(*choices: str) -> tuple[Callable[[str], str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError
        return text

    return parse, "one of " + ", ".join(choices)


def _whole(low: int, high: int) -> tuple[Callable[[str], int], str]:
    def parse(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    return parse, f"a whole number from {low} to {high}"


def _matching(pattern: str, expected: str) -> tuple[Callable[[str], str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return parse, expected


def _secrets(text: str) -> tuple[str, ...]:
    keys = tuple(text.split())
    if any(len(key) < 32 for key in keys):
        raise ValueError
    return keys


def _yes_or_no(text: str) -> bool:
    return {"yes": True, "no": False}[text.lower()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(","))


def _store() -> tuple[Callable[[str], str], str]:
    return _matching(
        r"file:.+|s3s?://[^:/]+:[^@]+@[^/]+/.+", "file:PATH, or s3://KEY:SECRET@HOST:PORT/BUCKET (s3s:// over TLS)"
    )


_PARSERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "environment": _one_of("development", "production", "test"),
    "secret_key": _matching(r".{32,}", "at least 32 characters, for example the output of `openssl rand -hex 32`"),
    "former_secret_keys": (_secrets, "former secret keys, each of at least 32 characters, with spaces between"),
    "data_dir": (Path, "a folder"),
    "database_url": _matching(
        r"(sqlite:///|postgresql\+psycopg://).+", "sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
    ),
    "objects_url": _store(),
    "second_objects_url": _store(),
    "broker_url": _matching(
        r"(filesystem:|amqps?://).+", "filesystem:PATH or amqp://USER:PASSWORD@HOST:PORT/ (amqps:// over TLS)"
    ),
    "watched_dir": (Path, "a folder"),
    "host": _matching(r"[\w.:-]+", "an address to listen on"),
    "port": _whole(1, 65535),
    "behind_proxy": (_yes_or_no, "yes or no"),
    "trusted_proxies": (_networks, "addresses or networks, with commas between them: 10.0.0.5, 10.1.0.0/24, fd00::/64"),
    "log_level": _one_of("debug", "info", "warning", "error"),
    "session_hours": _whole(1, 168),
    "session_idle_minutes": _whole(10, 10080),  # above the five minutes between two notes of when a device was seen
    "max_upload_mb": _whole(1, 2000),  # sizes are kept in 32 bits
    "max_pages": _whole(1, 100000),
    "page_timeout_s": _whole(5, 3600),
    "page_memory_mb": _whole(256, 65536),
    "readers": _whole(1, 64),
    "sandbox": _one_of("available", "complete"),
    "archive_agency_code": _matching(r"[\w.-]{0,35}", "at most 35 letters, digits, dots or hyphens"),
    "smtp_url": _matching(
        r"smtps?://([^:/@]+:[^/@]+@)?[^:/@]+(:\d{1,5})?/?", "smtp://[USER:PASSWORD@]HOST[:PORT] (smtps:// over TLS)"
    ),
    "mail_from": _matching(r"[^@\s<>]+@[^@\s<>]+", "a mail address"),
    "audit_mail": _matching(r"[^@\s<>]+@[^@\s<>]+", "a mail address"),
    "tsa_url": _matching(r"https?://\S+", "https://HOST/PATH or http://HOST/PATH of a time-stamping authority (RFC 3161)"),
    "public_url": _matching(r"https?://[^/\s]+", "https://HOST or http://HOST:PORT"),
    "signing_key": (Path, "a file with a key and its certificate (PKCS#12)"),
    "signing_password": (str, "the password of that file"),
    "trust_roots": (Path, "a folder with certificates (.pem, .crt, .cer)"),
    "check_days": _whole(0, 365),
    "check_mb_s": _whole(1, 10000),
    "backup_dir": (Path, "a folder"),
    "backup_at": (time.fromisoformat, "a time of day such as 02:00"),
    "hsts_subdomains": (_yes_or_no, "yes or no"),
    "oidc_issuer": _matching(
        r"https://[^\s?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^\s?#]*)?",
        "the issuer as the provider writes it, https://HOST/PATH; with client id and secret",
    ),
    "oidc_client_id": (str, "the client id, where there is an issuer"),
    "oidc_client_secret": (str, "the client's secret, or a file with it, where there is an issuer"),
    "oidc_client_secret_file": (Path, "a file with the client's secret"),
    "oidc_label": _matching(r".{1,60}", "at most 60 letters"),
    "oidc_scopes": _matching(r"openid( [!#-\[\]-~]+)*", "openid and further scopes, with spaces between"),
    "oidc_login_claim": _matching(r"\S+", "the name of a claim"),
    "oidc_groups_claim": _matching(r"\S+", "the name of a claim"),
    "oidc_strong_amr": (_words, "values, with spaces between"),
    "oidc_strong_acr": (_words, "values, with spaces between"),
    "oidc_only": (_yes_or_no, "yes or no"),
    "backup_keep": (Keeping.parse, "days, weeks and months, such as 7d 4w 12m"),
}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings that `environ` names with the prefix KHONGGIAY_; an empty value counts as not given.

    Raises SettingsRefused, naming every wrong or unknown setting at once.
    """
    given = {name.removeprefix(PREFIX): value for name, value in environ.items() if name.startswith(PREFIX) and value}
    known = {name.upper() for name in _PARSERS}
    problems = [(PREFIX + name, "nothing: no setting of this name exists") for name in given if name not in known]
    values: dict[str, Any] = {}
    for field in fields(Settings):
        if (text := given.get(field.name.upper())) is not None:
            parse, expected = _PARSERS[field.name]
            try:
                values[field.name] = parse(text)
            except (ValueError, KeyError):
                problems.append((PREFIX + field.name.upper(), expected))
    settings = Settings(**values)
    if settings.is_production and settings.secret_key == DEVELOPMENT_SECRET:
        problems.append((PREFIX + "SECRET_KEY", "a secret of your own in production, not the development one"))
    if settings.second_objects_url and _is_one_store(settings.objects_url, settings.second_objects_url):
        problems.append((PREFIX + "SECOND_OBJECTS_URL", "another store than KHONGGIAY_OBJECTS_URL"))
    problems += _untrue(settings) if settings.is_production else []
    problems += _incomplete(settings)
    if problems:
        raise SettingsRefused(problems)
    return settings


def _is_one_store(first: str, second: str) -> bool:
    """Whether two URLs name one store, however they are written; a folder within the other's is no second store either."""
    if first.startswith("file:") and second.startswith("file:"):
        one, other = (Path(url.removeprefix("file:")).resolve() for url in (first, second))
        return one.is_relative_to(other) or other.is_relative_to(one)
    place, other_place = (url.rpartition("://")[2].rpartition("@")[2].rstrip("/") for url in (first, second))
    return place == other_place


def _untrue(settings: Settings) -> list[tuple[str, str]]:
    """What is well-formed and names nothing: found at the start in production, not when somebody wants to sign."""
    is_missing = {
        "signing_key": settings.signing_key is not None and not settings.signing_key.is_file(),
        "signing_password": bool(settings.signing_key) is not bool(settings.signing_password),
        "trust_roots": settings.trust_roots is not None and not settings.trust_roots.is_dir(),
    }
    return [(PREFIX + name.upper(), _PARSERS[name][1]) for name, is_wrong in is_missing.items() if is_wrong]


def _incomplete(settings: Settings) -> list[tuple[str, str]]:
    """What an identity provider lacks: half of it would be no door at all, or one that looks open and is not."""
    needed = {"oidc_issuer": settings.oidc_issuer, "oidc_client_id": settings.oidc_client_id}
    secrets = [bool(settings.oidc_client_secret), settings.oidc_client_secret_file is not None]
    if not settings.oidc_issuer and not settings.oidc_client_id and not any(secrets) and not settings.oidc_only:
        return []
    missing = [name for name, value in needed.items() if not value]
    missing += ["oidc_client_secret"] if sum(secrets) != 1 else []
    if settings.oidc_client_secret_file and not settings.oidc_client_secret_file.is_file():
        missing.append("oidc_client_secret_file")
    return [(PREFIX + name.upper(), _PARSERS[name][1]) for name in missing]
