"""What an identity provider and we say to each other (OpenID Connect Core 1.0: authorization code, PKCE, nonce); the only module that
knows the library.

Whatever the provider says is checked against the settings, never against what a browser brings. What a browser must bring back lies in the
signed cookie of the forms, for some minutes; it is taken away before anything is asked of the provider.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import requests
import structlog
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.claims import JWTClaims
from authlib.oidc.core import CodeIDToken
from flask import Response, make_response, render_template, request, session
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from domain.ground.clock import now
from domain.people.ways import ProviderProblem, ProviderRefused
from webapp.ground.links import public_link
from webapp.ground.system import settings

log = structlog.get_logger()
Answer = TypeVar("Answer")

_STATE = "provider"
_LASTS = timedelta(minutes=10)
_KNOWN_FOR = timedelta(hours=1)  # what the provider says of itself and its keys
_KEYS_EVERY = timedelta(
    seconds=10
)  # so often an unknown key makes us ask for the keys again: anybody may send a token that names one
_AWAY_FOR = timedelta(seconds=10)
_WAIT_S = (3.05, 10)  # to connect, and for the answer
_LARGEST = 1_000_000  # bytes of an answer
_SKEW_S = 60  # by which two clocks may differ
# Signed by a key that the provider alone has; by a secret that both have, or not at all, is no proof.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Discovered:
    """What a provider says of itself."""

    metadata: dict[str, Any]
    at: datetime
    keys: dict[str, Any] = field(default_factory=dict)
    keys_at: datetime = _NEVER


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider has proved of somebody."""

    subject: str
    login: str  # the value of the claim that may bind, if the administrator allows one and it is there
    is_login_verified: bool
    groups: frozenset[str] | None  # None: not told
    is_strong: bool
    sid: str
    id_token: str


_discovered: dict[str, Discovered] = {}
_away_at: dict[str, datetime] = {}  # when an issuer did not answer: threads of ours do not queue up to wait for it


def is_offered() -> bool:
    """Whether people may sign in by a provider."""
    return bool(settings().oidc_issuer)


def lead_on(address: str) -> Response:
    """A page that leads to the provider. No redirect, for the content policy lets no form end at a foreign host."""
    return make_response(render_template("people/accounts/onward.html", address=address))


def begin(endpoint: str, kept: Mapping[str, Any], **more: str) -> str:
    """The address to lead the browser to; the provider leads it back to `endpoint`, where `kept` is known again.

    Raises ProviderRefused("unreachable").
    """
    metadata = _provider().metadata
    state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    with _client(endpoint, metadata) as client:
        address, _state = client.create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier, **more
        )
    session[_STATE] = {"state": state, "nonce": nonce, "verifier": verifier, "at": now().isoformat(), **kept}
    return str(address)


def finish(endpoint: str) -> tuple[Told, dict[str, Any]]:
    """What the provider says of who has come back, and what was kept; raises ProviderRefused."""
    kept = _taken()
    provider = _provider()
    issuer = request.args.get("iss", "")
    is_said = provider.metadata.get("authorization_response_iss_parameter_supported") is True
    if issuer != settings().oidc_issuer and (issuer or is_said):
        raise _untrusted("an answer of another issuer")
    if error := request.args.get("error"):
        raise _refused("denied" if error == "access_denied" else "refused", error)
    token = _exchanged(endpoint, provider.metadata, request.args.get("code") or "none", kept["verifier"])
    id_token = str(token.get("id_token", ""))
    params = {"nonce": kept["nonce"], "client_id": settings().oidc_client_id, "access_token": token.get("access_token", "")}
    return _told(_claims(id_token, CodeIDToken, params), id_token), kept


def _taken() -> dict[str, Any]:
    """What this browser was given when it went; it serves once. Raises ProviderRefused("expired")."""
    kept = session.pop(_STATE, None)
    came = request.args.get("state", "")
    if not kept or not secrets.compare_digest(kept["state"].encode(), came.encode()):
        raise _refused("expired", "state")
    if now() - datetime.fromisoformat(kept["at"]) > _LASTS:
        raise _refused("expired", "time")
    return dict(kept)


def _exchanged(endpoint: str, metadata: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
    with _client(endpoint, metadata) as client:
        try:
            told: Mapping[str, Any] = _reached(
                lambda: client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=verifier, timeout=_WAIT_S, allow_redirects=False
                )
            )
        except OAuthError as error:
            raise _refused("refused", str(error.error)) from error
    return told


def _client(endpoint: str, metadata: Mapping[str, Any]) -> OAuth2Session:
    known = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    method = "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"
    return OAuth2Session(
        settings().oidc_client_id,
        settings().oidc_secret,
        scope=settings().oidc_scopes,
        redirect_uri=public_link(endpoint),
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
    )


def _claims(token: str, kind: type[JWTClaims], params: Mapping[str, Any]) -> JWTClaims:
    """The claims of a token that this provider has signed for us and that holds now; raises ProviderRefused."""
    issuer, client_id = settings().oidc_issuer, settings().oidc_client_id
    options: dict[str, Any] = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    try:
        decoded = _decoded(token)
        claims = kind(decoded.claims, decoded.header, options, params)
        claims.validate(now=int(now().timestamp()), leeway=_SKEW_S)
    except (InvalidClaimError, ExpiredTokenError) as error:
        raise _refused("clock" if error.claim in ("exp", "nbf", "iat") else "untrusted", str(error)) from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _untrusted(f"{type(error).__name__} {error}") from error
    return claims


def _decoded(token: str) -> Any:
    registry, provider = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False), _provider()
    try:
        return jwt.decode(token, KeySet.import_key_set(_keys(provider)), registry=registry)
    except InvalidKeyIdError:
        return jwt.decode(token, KeySet.import_key_set(_keys(provider, renewed=True)), registry=registry)


def _told(claims: JWTClaims, id_token: str) -> Told:
    wanted, groups_claim = settings().oidc_login_claim, settings().oidc_groups_claim
    amr, login = claims.get("amr") or [], claims.get(wanted) if wanted else ""
    return Told(
        subject=str(claims["sub"]),
        login=login if isinstance(login, str) else "",
        is_login_verified=wanted != "email" or claims.get("email_verified") is True,
        groups=_groups(claims, groups_claim) if groups_claim else None,
        is_strong=bool(set(amr) & set(settings().oidc_strong_amr)) or claims.get("acr") in settings().oidc_strong_acr,
        sid=str(claims.get("sid", "")),
        id_token=id_token,
    )


def _groups(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """The groups; none at all where the claim is missing, and None where the provider only says that they are too many to tell."""
    if name not in claims and (claims.get("hasgroups") or name in (claims.get("_claim_names") or {})):
        return None
    told = claims.get(name) or []
    return frozenset(map(str, told if isinstance(told, list) else [told]))


def logout_address(id_token: str | None, endpoint: str) -> str:
    """Where the provider ends its own session (OpenID Connect RP-Initiated Logout 1.0), or nothing where it offers that not.

    Raises ProviderRefused("unreachable").
    """
    ends = _provider().metadata.get("end_session_endpoint")
    if not ends:
        return ""
    said = {"client_id": settings().oidc_client_id, "post_logout_redirect_uri": public_link(endpoint)}
    return str(add_params_to_uri(ends, (said | ({"id_token_hint": id_token} if id_token else {})).items()))


def logout_told(token: str) -> tuple[str, str]:
    """The subject and the session that the provider has ended (OpenID Connect Back-Channel Logout 1.0); raises ProviderRefused."""
    claims = _claims(token, JWTClaims, {})
    is_of_logout = isinstance(claims.get("events"), dict) and _LOGOUT_EVENT in claims["events"]
    subject, sid = str(claims.get("sub", "")), str(claims.get("sid", ""))
    is_typed = claims.header.get("typ", "JWT").lower() in ("logout+jwt", "jwt")  # the latter is what older providers write
    has_times = "iat" in claims and "exp" in claims
    if not is_of_logout or not is_typed or not has_times or "nonce" in claims or not (subject or sid):
        raise _untrusted("no logout token")
    return subject, sid


def _provider() -> Discovered:
    """What the provider says of itself; what it said an hour ago, where it does not answer now."""
    issuer = settings().oidc_issuer
    known = _discovered.get(issuer)
    if known and now() - known.at < _KNOWN_FOR:
        return known
    try:
        metadata = _discover(issuer)
    except ProviderRefused:
        if known:
            return known
        raise
    _check(metadata, issuer)
    _discovered[issuer] = Discovered(metadata, now())
    return _discovered[issuer]


def _discover(issuer: str) -> dict[str, Any]:
    """What an issuer says of itself now; one that has just not answered is not asked again for some seconds. Raises ProviderRefused."""
    if now() - _away_at.get(issuer, _NEVER) < _AWAY_FOR:
        raise _refused("unreachable", "a moment ago")
    try:
        return _fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    except ProviderRefused:
        _away_at[issuer] = now()
        raise


def _check(metadata: Mapping[str, Any], issuer: str) -> None:
    if metadata.get("issuer") != issuer:
        raise _untrusted("the issuer is not that of the settings")
    scheme = issuer.partition(":")[0]
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        address = metadata.get(name)
        if address is None and name == "end_session_endpoint":
            continue
        if not str(address).startswith(f"{scheme}://") and not str(address).startswith("https://"):
            raise _untrusted(f"{name} is missing or not safe")


def _keys(provider: Discovered, *, renewed: bool = False) -> Any:
    is_due = now() - provider.keys_at > (_KEYS_EVERY if renewed else _KNOWN_FOR)
    if is_due or not provider.keys:
        try:
            provider.keys, provider.keys_at = _fetched(provider.metadata["jwks_uri"]), now()
        except ProviderRefused:
            if not provider.keys:
                raise
    return provider.keys


def _fetched(address: str) -> dict[str, Any]:
    """The JSON object at an address of the provider; raises ProviderRefused("unreachable")."""

    def fetch() -> Any:
        with requests.get(address, timeout=_WAIT_S, allow_redirects=False, stream=True) as answer:
            if answer.status_code != 200:
                raise requests.HTTPError(f"status {answer.status_code}")
            if len(content := answer.raw.read(_LARGEST + 1, decode_content=True)) > _LARGEST:
                raise requests.HTTPError("too large")
            return json.loads(content)

    told = _reached(fetch)
    if not isinstance(told, dict):
        raise _refused("unreachable", "no JSON object")
    return told


def _reached(ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except (requests.RequestException, OSError, ValueError) as error:
        raise _refused("unreachable", type(error).__name__) from error


def _untrusted(why: str) -> ProviderRefused:
    return _refused("untrusted", why)


def _refused(problem: ProviderProblem, why: str) -> ProviderRefused:
    log.warning("sign-in by the provider refused", problem=problem, why=why)
    return ProviderRefused(problem)
