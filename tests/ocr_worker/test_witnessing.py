"""Each day's last head of the audit trail leaves the machine: signed, time-stamped, by mail; the commands of the documentation check it."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from asn1crypto.tsp import TimeStampReq

from domain.ground.clock import fix
from ocr_worker.system import System
from ocr_worker.witnessing import seal, send_out
from storage.ground.audit import AuditTrail
from storage.ground.mail import Mail
from tests.signing import PASSWORD, Authority, make_keys
from tests.stored import rows

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl")


@pytest.fixture
def yesterday(system: System, stopped_clock: datetime) -> Path:
    """The file of a day that is over."""
    for day in (0, 1):
        fix(stopped_clock + timedelta(days=day))
        with system.database.writing() as session:
            AuditTrail(session).record("unit_created", actor="Đặng Quản Trị")
        seal(system)
    fix(None)
    return system.settings.data_dir / "audit" / "2026-11-23.json"


def with_settings(system: System, **changes: Any) -> System:
    return replace(system, settings=replace(system.settings, **changes))


@pytest.fixture
def served() -> Iterator[Callable[[Callable[[bytes], bytes]], str]]:
    """`served(answer)` is the address of a server that answers what is posted to it."""
    servers: list[HTTPServer] = []

    def served(answer: Callable[[bytes], bytes]) -> str:
        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Answers))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/tsa"

    yield served
    for server in servers:
        server.shutdown()
        server.server_close()


def stamping(authority: Authority) -> Callable[[bytes], bytes]:
    stamper = authority.stamper()
    return lambda asked: bytes(stamper.request_tsa_response(TimeStampReq.load(asked)).dump())


def test_without_keys_and_addresses_the_day_stays_in_its_file_alone(system: System, yesterday: Path) -> None:
    send_out(system)
    assert sorted(path.name for path in yesterday.parent.iterdir()) == ["2026-11-23.json", "head.json"]
    assert rows(system.database, Mail) == []


@needs_openssl
def test_a_day_is_signed_with_the_organisations_key_and_the_documented_command_finds_it_so(
    system: System, yesterday: Path, tmp_path: Path
) -> None:
    keys = make_keys(tmp_path)
    send_out(with_settings(system, signing_key=keys.pkcs12, signing_password=PASSWORD))
    check = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(yesterday.with_suffix(".p7s")), "-content"]
    by = ["-CAfile", str(keys.roots / "goc.pem"), "-purpose", "any"]
    assert subprocess.run([*check, str(yesterday), *by], capture_output=True, check=False).returncode == 0
    other = tmp_path / "other.json"
    other.write_bytes(yesterday.read_bytes().replace(b'"position": 1', b'"position": 2'))
    assert subprocess.run([*check, str(other), *by], capture_output=True, check=False).returncode != 0


@needs_openssl
def test_a_day_is_time_stamped_and_the_documented_command_finds_it_so(
    system: System, yesterday: Path, tmp_path: Path, served: Callable[[Callable[[bytes], bytes]], str]
) -> None:
    authority = Authority(tmp_path)
    send_out(with_settings(system, tsa_url=served(stamping(authority))))
    check = ["openssl", "ts", "-verify", "-in", str(yesterday.with_suffix(".tsr")), "-data", str(yesterday)]
    done = subprocess.run([*check, "-CAfile", str(authority.roots / "goc.pem")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_answer_that_is_no_stamp_of_ours_is_not_kept_and_asked_for_again(
    system: System, yesterday: Path, tmp_path: Path, served: Callable[[Callable[[bytes], bytes]], str]
) -> None:
    stamps = stamping(Authority(tmp_path))

    def of_another(asked: bytes) -> bytes:
        question = TimeStampReq.load(asked)
        question["message_imprint"]["hashed_message"] = b"x" * 32
        return stamps(question.dump(force=True))

    for answer in (of_another, lambda _asked: b"<html>", lambda _asked: b""):
        send_out(with_settings(system, tsa_url=served(answer)))
        assert not yesterday.with_suffix(".tsr").exists()
    send_out(with_settings(system, tsa_url="http://127.0.0.1:9/"))
    assert not yesterday.with_suffix(".tsr").exists()
    send_out(with_settings(system, tsa_url=served(stamps)))
    assert yesterday.with_suffix(".tsr").exists()


def test_a_day_goes_out_by_mail_once(system: System, yesterday: Path) -> None:
    mailing = with_settings(system, audit_mail="luu-tru@lien-doan.example")
    send_out(mailing)
    send_out(mailing)
    (mail,) = rows(system.database, Mail)
    assert (mail.recipient, mail.subject) == ("luu-tru@lien-doan.example", "Không Giấy: mốc nhật ký ngày 23/11/2026")


def test_a_key_that_cannot_be_read_stops_neither_the_mail_nor_the_worker(
    system: System, yesterday: Path, tmp_path: Path
) -> None:
    (tmp_path / "khoa.p12").write_bytes(b"x")
    send_out(with_settings(system, signing_key=tmp_path / "khoa.p12", audit_mail="a@b.example"))
    assert not yesterday.with_suffix(".p7s").exists()
    assert len(rows(system.database, Mail)) == 1
