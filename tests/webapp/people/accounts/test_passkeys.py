"""Passkeys as the server takes them. A real device makes and shows one in tests/browser/test_signing_in.py; here it is one of software."""

import base64
import hashlib
import json
import struct
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from flask.testing import FlaskClient
from webauthn.helpers import encode_cbor
from werkzeug.test import TestResponse

from domain.ground import clock
from domain.people.roles import Role
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.factors import guard_roles
from storage.people.passkeys import Passkeys
from storage.people.people import People
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.ground.system import System
from webapp.people.accounts.passwords import hash_password

PASSWORD = "mot-mat-khau-dai-2026"
ORIGIN = "https://giay.test"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Device:
    """An authenticator: a key, and what it signs (WebAuthn level 2, section 6)."""

    def __init__(self, *, flags: int = PRESENT | VERIFIED, origin: str = ORIGIN, host: str = "giay.test") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.count, self.flags, self.origin, self.host = b"a passkey of 16", 0, flags, origin, host

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _about(self, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _answer(self, **response: bytes) -> str:
        name = written(self.id)
        named = {key: written(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": named, "clientExtensionResults": {}})

    def makes(self, challenge: str) -> str:
        numbers = self.key.public_key().public_numbers()
        key = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        about = self._about(self.flags | WITH_KEY) + b"\0" * 16 + struct.pack(">H", len(self.id)) + self.id + key
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": about})
        return self._answer(clientDataJSON=self._client_data("webauthn.create", challenge), attestationObject=attestation)

    def shows(self, challenge: str) -> str:
        client_data, about = self._client_data("webauthn.get", challenge), self._about(self.flags)
        signature = self.key.sign(about + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client_data, authenticatorData=about, signature=signature)


@pytest.fixture
def door(app: Flask, system: System, database: Database, cast: Cast, stopped_clock: datetime) -> Flask:
    app.extensions["khonggiay"] = replace(system, settings=replace(system.settings, public_url=ORIGIN))
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).password_hash = hash_password(PASSWORD)
    return app


def later(seconds: int) -> None:
    clock.fix(clock.now() + timedelta(seconds=seconds))


def enter(client: FlaskClient) -> TestResponse:
    return client.post("/sign-in", data={"login": "clerk", "password": PASSWORD})


def offered(client: FlaskClient) -> dict[str, Any]:
    """The options on the page that makes a passkey."""
    page = client.post("/account/passkeys/new", data={"name": "Điện thoại", "old": PASSWORD}).text
    text = page.partition('data-options="')[2].partition('"')[0]
    return dict(json.loads(text.replace("&#34;", '"').replace("&amp;", "&")))


def make(client: FlaskClient, device: Device) -> TestResponse:
    answer = device.makes(offered(client)["challenge"])
    return client.post("/account/passkeys", data={"name": "Điện thoại", "credential": answer})


def challenge(client: FlaskClient) -> str:
    return str(client.post("/sign-in/passkey/options").get_json()["challenge"])


def show(client: FlaskClient, credential: str) -> TestResponse:
    later(1)
    return client.post("/sign-in/passkey", data={"credential": credential, "next": "/account"})


def acts(database: Database, count: int) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in AuditTrail(session).page().rows[:count]]


def test_a_passkey_signs_in_without_password_and_code_and_is_recorded(door: Flask, database: Database) -> None:
    tablet, device = door.test_client(), Device()
    enter(tablet)
    answer = make(tablet, device)
    assert answer.text.count("<li><code>") == 10
    assert acts(database, 1) == ["passkey_made"]
    other = door.test_client()
    answer = show(other, device.shows(challenge(other)))
    assert (answer.status_code, answer.location) == (303, "/account")
    assert other.get("/account").status_code == 200
    assert acts(database, 1) == ["signed_in"]


def test_what_the_browser_is_offered_names_the_person_by_number_and_asks_for_finger_face_or_pin(
    door: Flask, cast: Cast
) -> None:
    tablet = door.test_client()
    enter(tablet)
    options = offered(tablet)
    assert options["rp"] == {"name": "Không Giấy", "id": "giay.test"}
    assert options["user"]["id"] == written(str(cast.people["clerk"]).encode())
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"


def test_with_a_passkey_the_password_alone_opens_nothing(door: Flask) -> None:
    tablet, device = door.test_client(), Device()
    enter(tablet)
    codes = make(tablet, device).text.split("<li><code>")
    other = door.test_client()
    assert enter(other).location == "/sign-in/code"
    assert "Đăng nhập bằng passkey" in other.get("/sign-in/code").text
    assert other.post("/sign-in/code", data={"code": codes[1].partition("<")[0]}).status_code == 303


def test_an_answer_serves_once_even_where_the_form_session_is_put_back(door: Flask) -> None:
    tablet, device = door.test_client(), Device()
    enter(tablet)
    make(tablet, device)
    thief = door.test_client()
    shown = device.shows(challenge(thief))
    kept = thief.get_cookie("khonggiay_form")
    assert kept
    assert show(thief, shown).status_code == 303
    again = door.test_client()
    again.set_cookie("khonggiay_form", kept.value)
    assert show(again, shown).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "https://giay.example"}, {"host": "giay.example"}, {"flags": PRESENT}],
    ids=["another site", "another name", "nobody verified"],
)
def test_what_proves_nothing_makes_no_passkey(door: Flask, database: Database, cast: Cast, wrong: dict[str, Any]) -> None:
    tablet = door.test_client()
    enter(tablet)
    answer = make(tablet, Device(**wrong))
    assert answer.status_code == 422
    assert "Passkey này không được nhận" in answer.text
    with database.reading() as session:
        assert Passkeys(session).count(cast.people["clerk"]) == 0


@pytest.mark.parametrize("credential", ["", "[]", "{}", "không phải JSON", '{"id": 7}', '{"id": "khong-co"}', "x" * 100_000])
def test_rubbish_opens_nothing(door: Flask, credential: str) -> None:
    visitor = door.test_client()
    challenge(visitor)
    answer = show(visitor, credential)
    assert answer.status_code == 422
    assert "Passkey này không được nhận" in answer.text


@pytest.mark.parametrize("what", ["another key", "too late", "no challenge", "an older count", "closed", "removed"])
def test_a_passkey_that_does_not_prove_it_opens_nothing(door: Flask, database: Database, cast: Cast, what: str) -> None:
    tablet, device, clerk = door.test_client(), Device(), cast.people["clerk"]
    enter(tablet)
    make(tablet, device)
    other = door.test_client()
    asked = challenge(other) if what != "no challenge" else "YQ"
    if what == "another key":
        device.key = ec.generate_private_key(ec.SECP256R1())
    if what == "an older count":
        device.count = 0
    shown = device.shows(asked)
    if what == "too late":
        later(301)
    with database.writing() as session:
        People(session).get(clerk).is_open = what != "closed"
        if what == "removed":
            Passkeys(session).forget(clerk)
    assert show(other, shown).status_code == 422
    assert other.get("/account").status_code == 302


def test_only_whoever_knows_the_password_makes_one(door: Flask) -> None:
    tablet = door.test_client()
    enter(tablet)
    answer = tablet.post("/account/passkeys/new", data={"name": "x", "old": "sai-mat-khau"})
    assert answer.status_code == 422
    assert "data-options" not in answer.text
    assert tablet.post("/account/passkeys", data={"name": "x", "credential": Device().makes("YQ")}).status_code == 422


def test_one_takes_away_ones_own_and_nobody_elses(door: Flask, client_of: ClientOf, database: Database, cast: Cast) -> None:
    tablet, device = door.test_client(), Device()
    enter(tablet)
    make(tablet, device)
    with database.reading() as session:
        address = f"/account/passkeys/{Passkeys(session).of(cast.people['clerk'])[0].id}/remove"
    with database.writing() as session:
        People(session).get(cast.people["staff"]).password_hash = hash_password(PASSWORD)
    assert client_of("staff").post(address, data={"old": PASSWORD}).status_code == 404
    assert client_of("staff").get(address).status_code == 404
    assert address in tablet.get("/account/second-factor").text
    assert "Passkey này sẽ không mở được tài khoản nữa" in tablet.get(address).text
    for old in ("", "sai-mat-khau"):
        assert tablet.post(address, data={"old": old}).status_code == 422
    assert tablet.post(address, data={"old": PASSWORD}).status_code == 303
    assert acts(database, 1) == ["passkey_removed"]
    assert enter(door.test_client()).location == "/"


def test_a_passkey_is_a_second_factor_for_a_guarded_role(door: Flask, database: Database) -> None:
    with database.writing() as session:
        guard_roles(session, [Role.CLERK])
    tablet = door.test_client()
    enter(tablet)
    assert tablet.get("/archive/find").location == "/account/second-factor"
    make(tablet, Device())
    assert tablet.get("/archive/find").status_code == 200


@pytest.mark.parametrize(
    ("address", "is_possible"),
    [
        ("https://giay.test", True),
        ("http://localhost:8080", True),
        ("http://giay.test", False),
        ("https://192.0.2.7", False),
        ("http://127.0.0.1:8080", False),
    ],
)
def test_passkeys_are_offered_where_browsers_make_them(door: Flask, system: System, address: str, is_possible: bool) -> None:
    door.extensions["khonggiay"] = replace(system, settings=replace(system.settings, public_url=address))
    assert ("Đăng nhập bằng passkey" in door.test_client().get("/sign-in").text) is is_possible
