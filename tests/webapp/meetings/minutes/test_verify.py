"""Signing locked minutes, and the page that says what the signatures of a PDF are worth."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.ground import clock
from storage.archive.documents import Document
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.meetings.meetings import Meeting
from storage.meetings.minutes import Minutes
from tests.cast import Cast
from tests.held import hold_meeting
from tests.meetings import Gathering
from tests.signing import ORGANISATION, PASSWORD, Keys, make_keys
from tests.webapp.conftest import ClientOf
from webapp.ground.system import System


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def settings(tmp_path: Path, keys: Keys) -> Settings:
    return Settings(
        environment="test", data_dir=tmp_path, signing_key=keys.pkcs12, signing_password=PASSWORD, trust_roots=keys.roots
    )


@pytest.fixture
def held(database: Database, cast: Cast) -> Gathering:
    return hold_meeting(database, cast)


@pytest.fixture
def at(held: Gathering) -> Callable[..., str]:
    return lambda tail="": f"/meetings/{held.meeting}/minutes{tail}"


@pytest.fixture
def locked(client_of: ClientOf, at: Callable[..., str]) -> None:
    client_of("secretary").post(at("/draft"))
    client_of("secretary").post(at("/0/approve"), data={"approver": "secretary", "revision": 1})
    client_of("chair").post(at("/0/approve"), data={"approver": "chair", "revision": 1})


@pytest.fixture
def signed(client_of: ClientOf, at: Callable[..., str], locked: None) -> bytes:
    assert client_of("secretary").post(at("/0/sign")).status_code == 303
    return client_of("member").get(at("/0/signed.pdf")).data


def check(client: FlaskClient, content: bytes, name: str = "a.pdf") -> TestResponse:
    return client.post("/verify", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def test_locked_minutes_are_signed_kept_under_their_hash_and_checked(
    client_of: ClientOf, at: Callable[..., str], signed: bytes, database: Database, objects: FolderObjects
) -> None:
    with database.reading() as session:
        found = session.query(Minutes).one()
        assert found.signed_sha256 is not None
        assert objects.exists(found.signed_sha256)
        assert session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().act == "minutes_signed"
    page = client_of("member").get(at("/0/verify")).text
    assert "Nguyên vẹn" in page
    assert ORGANISATION in page
    assert "Đã ký số" in client_of("member").get(at()).text


def test_only_locked_minutes_are_signed_and_only_once(client_of: ClientOf, at: Callable[..., str], held: Gathering) -> None:
    client_of("secretary").post(at("/draft"))
    assert client_of("secretary").post(at("/0/sign")).status_code == 409


def test_signed_minutes_are_not_signed_again(client_of: ClientOf, at: Callable[..., str], signed: bytes) -> None:
    assert client_of("secretary").post(at("/0/sign")).status_code == 409


@pytest.mark.parametrize(("login", "status"), [("member", 403), ("guest", 403), ("staff", 404)])
def test_who_does_not_prepare_does_not_sign(
    client_of: ClientOf, at: Callable[..., str], locked: None, login: str, status: int
) -> None:
    assert client_of(login).post(at("/0/sign")).status_code == status


def test_without_a_key_the_page_says_whom_to_ask(
    client_of: ClientOf, at: Callable[..., str], locked: None, app: Flask, system: System
) -> None:
    app.extensions["khonggiay"] = replace(system, settings=replace(system.settings, signing_key=None))
    answer = client_of("secretary").post(at("/0/sign"))
    assert answer.status_code == 409
    assert "Chưa có khóa ký số của cơ quan" in answer.text


def test_signed_minutes_go_into_the_archive_as_they_are(
    client_of: ClientOf, at: Callable[..., str], signed: bytes, database: Database, objects: FolderObjects
) -> None:
    data = {"record_file": "", "access": "restricted", "attested": "y"}
    assert client_of("secretary").post(at("/0/archive"), data=data).status_code == 303
    with database.reading() as session:
        document, minutes = session.query(Document).one(), session.query(Minutes).one()
        assert (minutes.document_id, document.files[0].sha256) == (document.id, minutes.signed_sha256)
    assert client_of("secretary").post(at("/0/archive"), data=data).status_code == 409
    assert client_of("member").get(at("/0/archive")).status_code == 403


def test_an_uploaded_file_that_is_intact_is_said_to_be(client_of: ClientOf, signed: bytes) -> None:
    page = check(client_of("staff"), signed).text
    assert "Nội dung không thay đổi kể từ khi ký, và người ký thuộc nơi cấp chứng thư được tin cậy." in page


def test_a_file_that_was_changed_after_signing_is_said_to_be(client_of: ClientOf, signed: bytes) -> None:
    changed = signed.replace(b"/Title", b"/Titel", 1)
    assert "Đã bị thay đổi sau khi ký" in check(client_of("staff"), changed).text


def test_a_signer_below_an_unknown_root_is_said_to_be(
    client_of: ClientOf, signed: bytes, app: Flask, system: System, tmp_path: Path
) -> None:
    other = make_keys(tmp_path / "khac").roots
    app.extensions["khonggiay"] = replace(system, settings=replace(system.settings, trust_roots=other))
    assert "Không rõ người ký" in check(client_of("staff"), signed).text


def test_a_certificate_that_has_expired_is_said_to_have(
    client_of: ClientOf, at: Callable[..., str], locked: None, app: Flask, system: System, tmp_path: Path
) -> None:
    soon = make_keys(tmp_path / "sap-het", valid_from=datetime.now(UTC) - timedelta(days=10) + timedelta(minutes=20), days=10)
    settings = replace(system.settings, signing_key=soon.pkcs12, trust_roots=soon.roots)
    app.extensions["khonggiay"] = replace(system, settings=settings)
    client_of("secretary").post(at("/0/sign"))
    client = client_of("member")
    assert "chứng thư đã hết hạn" not in client.get(at("/0/verify")).text
    clock.fix(datetime.now(UTC) + timedelta(minutes=30))
    try:
        assert "Nguyên vẹn, chứng thư đã hết hạn" in client.get(at("/0/verify")).text
    finally:
        clock.fix(None)


def test_a_pdf_without_a_signature_is_said_to_have_none(client_of: ClientOf, at: Callable[..., str], locked: None) -> None:
    unsigned = client_of("member").get(at("/0/minutes.pdf")).data
    assert "Không có chữ ký số" in check(client_of("staff"), unsigned).text


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-1.7 cut", "Tệp bị cụt hoặc hỏng"), (b"PK\x03\x04", "Đây không phải tệp PDF"), (b"", "Tệp rỗng")],
)
def test_what_is_no_whole_pdf_is_refused_with_its_reason(client_of: ClientOf, content: bytes, words: str) -> None:
    answer = check(client_of("staff"), content)
    assert answer.status_code == 422
    assert words in answer.text


def test_nothing_chosen_is_said_and_nobody_unknown_gets_in(client_of: ClientOf) -> None:
    assert client_of("staff").get("/verify").status_code == 200
    assert client_of("staff").post("/verify", data={}).status_code == 422
    assert client_of("nobody").get("/verify").status_code == 302


def locked_minutes(client_of: ClientOf, meeting: int) -> str:
    here = f"/meetings/{meeting}/minutes"
    client_of("secretary").post(f"{here}/draft")
    for login in ("secretary", "chair"):
        client_of(login).post(f"{here}/0/approve", data={"approver": login, "revision": 1})
    return here


def test_what_was_rehearsed_bears_nobodys_signature(
    client_of: ClientOf, database: Database, cast: Cast, objects: FolderObjects
) -> None:
    here = locked_minutes(client_of, hold_meeting(database, cast, is_rehearsal=True).meeting)
    assert "Ký số của cơ quan" not in client_of("secretary").get(here).text
    assert client_of("secretary").post(f"{here}/0/sign").status_code == 409
    with database.reading() as session:
        minutes = session.query(Minutes).one()
        assert (minutes.is_locked, minutes.signed_sha256) == (True, None)
    assert list(objects.keys()) == []


def test_the_federations_key_signs_no_minutes_of_another_unit(client_of: ClientOf, database: Database, cast: Cast) -> None:
    held = hold_meeting(database, cast)
    with database.writing() as session:
        body = session.get_one(Meeting, held.meeting).body
        assert body
        body.unit_id = cast.units["CD-PHUCAT"]
    here = locked_minutes(client_of, held.meeting)
    answer = client_of("secretary").post(f"{here}/0/sign")
    assert answer.status_code == 409
    assert "không ký văn bản của đơn vị khác" in answer.text
