"""What a browser and we say to each other about passkeys (WebAuthn level 2); the only module that knows the library.

A challenge lies in the signed cookie of the forms, with its time. It serves once: a passkey that was used after a challenge was made
does not take it.
"""

import json
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import session
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.ground.clock import now
from storage.people.passkeys import Passkey, PasskeyRefused, Passkeys
from storage.people.people import Person
from webapp.ground.system import settings

_CHALLENGE = "passkey_challenge"
_LASTS = timedelta(minutes=5)
LONGEST_ANSWER = 20_000  # letters; what browsers send is a tenth of it


def is_possible() -> bool:
    """Whether browsers make passkeys for our address: they do for names, and not for numbers."""
    host = _host()
    try:
        ip_address(host)
    except ValueError:
        return settings().public_url.startswith("https:") or host == "localhost"
    return False


def _host() -> str:
    return urlsplit(settings().public_url).hostname or ""


def _origin() -> str:
    parts = urlsplit(settings().public_url)
    return f"{parts.scheme}://{parts.netloc}"


def options_to_register(person: Person, passkeys: list[Passkey]) -> str:
    """What the browser needs to make a passkey for this person, as JSON; it begins a ceremony."""
    options = generate_registration_options(
        rp_id=_host(),
        rp_name="Không Giấy",
        user_id=str(person.id).encode(),
        user_name=person.login,
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in passkeys],
    )
    _begin(options.challenge)
    return options_to_json(options)


def options_to_sign_in() -> str:
    """What the browser needs to offer the passkeys that it has for us, as JSON; it begins a ceremony."""
    options = generate_authentication_options(rp_id=_host(), user_verification=UserVerificationRequirement.REQUIRED)
    _begin(options.challenge)
    return options_to_json(options)


def registered(answer: str, name: str, person_id: int) -> Passkey:
    """The passkey that the browser has made; raises PasskeyRefused."""
    challenge, _at = _ended()
    try:
        made = verify_registration_response(
            credential=answer[:LONGEST_ANSWER],
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    return Passkey(
        person_id=person_id,
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
    )


def shown(answer: str, passkeys: Passkeys) -> Passkey:
    """The passkey that the browser has shown, noted as used; raises PasskeyRefused."""
    challenge, at = _ended()
    passkey = passkeys.find(_id_in(answer))
    if passkey is None or (passkey.used_at and passkey.used_at >= at):
        raise PasskeyRefused
    try:
        proved = verify_authentication_response(
            credential=answer[:LONGEST_ANSWER],
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    passkey.sign_count, passkey.used_at = proved.new_sign_count, now()
    return passkey


def _id_in(answer: str) -> str:
    try:
        said: Any = json.loads(answer[:LONGEST_ANSWER])
    except ValueError as error:
        raise PasskeyRefused from error
    return str(said.get("id", "")) if isinstance(said, dict) else ""


def _begin(challenge: bytes) -> None:
    session[_CHALLENGE] = [bytes_to_base64url(challenge), now().isoformat()]


def _ended() -> tuple[bytes, datetime]:
    """The challenge of this browser and when it was made; it is taken away. Raises PasskeyRefused."""
    challenge, made = session.pop(_CHALLENGE, None) or ("", "2000-01-01T00:00:00+00:00")
    at = datetime.fromisoformat(made)
    if now() - at > _LASTS:
        raise PasskeyRefused
    return base64url_to_bytes(challenge), at
