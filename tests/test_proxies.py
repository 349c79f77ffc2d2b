"""The files for nginx and Caddy in deploy/, run by these programs before the web program: what passes, and what they hold."""

import contextlib
import hashlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from websocket import create_connection

from storage.archive.intake import open_batch
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.people.people import People, SignIns
from tests.cast import gather
from tests.servers import free_ports, listens, wait_until

ROOT = Path(__file__).parents[1]
NAME = "khonggiay.example"
LARGE = 100 * 1024 * 1024
NGINX = """daemon off; user root; pid {folder}/pid; error_log {folder}/error.log; events {{ worker_connections 512; }}
http {{ access_log off; include /etc/nginx/mime.types; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; include {folder}/site; }}"""


def certificate(folder: Path) -> None:
    """A certificate of that name, by itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    start = datetime.now(UTC) - timedelta(days=1)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))


@dataclass
class Proxied:
    """The web program behind a proxy."""

    kind: str
    port: int
    web: int
    folder: Path
    token: str
    batch: int

    def trust(self) -> ssl.SSLContext:
        """Whoever believes the certificate."""
        return ssl.create_default_context(cafile=str(self.folder / "cert.pem"))

    def connect(self, name: str = NAME) -> ssl.SSLSocket:
        """A connection from another address of this machine."""
        plain = socket.create_connection(("127.0.0.1", self.port), 60, source_address=("127.0.0.5", 0))
        return self.trust().wrap_socket(plain, server_hostname=name)

    @contextlib.contextmanager
    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Iterator[http.client.HTTPResponse]:
        """An answer to a request."""
        connection = http.client.HTTPConnection(NAME)
        with contextlib.closing(connection):
            connection.sock = self.connect()
            connection.request(method, path, body=body, headers=headers)  # type: ignore[arg-type]
            with contextlib.closing(connection.getresponse()) as answer:
                yield answer


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Proxied]:
    """Both programs, started."""
    program = shutil.which(request.param) or shutil.which(request.param, path="/usr/sbin")
    if program is None:
        pytest.skip(f"{request.param} is not installed: make servers")
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copy(migrated, folder)
    certificate(folder)
    database = Database(f"sqlite:///{folder}/khonggiay.sqlite3")
    gather(database)
    with database.writing() as session:
        archivist = People(session).named("archivist")
        token = SignIns(session).start(archivist, lasting=timedelta(hours=1), address="127.0.0.1", device="test")
        batch = open_batch(session, source="web", person=archivist, attested_by=archivist.name).id
    database.close()
    web, port, other = free_ports(3)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    kept |= {
        "KHONGGIAY_DATA_DIR": str(folder), "KHONGGIAY_PORT": str(web), "KHONGGIAY_BEHIND_PROXY": "yes",
        "KHONGGIAY_PUBLIC_URL": f"https://{NAME}", "PYTHONWARNINGS": "ignore", "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
    }  # fmt: skip
    command = [sys.executable, "-m", "webapp.serving"], configured(request.param, program, folder, (web, port, other))
    with contextlib.ExitStack() as running:
        for one, listening in zip(command, (web, port), strict=True):
            log = folder / f"{listening}.log"
            output = running.enter_context(log.open("wb"))
            process = running.enter_context(subprocess.Popen(one, cwd=ROOT, env=kept, stdout=output, stderr=output))
            running.callback(process.terminate)
            wait_until(lambda at=listening: listens(at), process, log)  # type: ignore[misc]
        yield Proxied(request.param, port, web, folder, token, batch)


def configured(kind: str, program: str, folder: Path, ports: tuple[int, int, int]) -> list[str]:
    """The command that runs the file of deploy/ with the ports and folders of the test in place of those in it."""
    web, port, other = ports
    text = (ROOT / "deploy" / ("nginx.conf" if kind == "nginx" else "Caddyfile")).read_text(encoding="utf-8")
    places = {"/etc/ssl/khonggiay": str(folder), "/opt/khonggiay": str(ROOT), "127.0.0.1:8080": f"127.0.0.1:{web}"}
    for usual, here in places.items():
        assert usual in text
        text = text.replace(usual, here)
    text = re.sub(r"listen 443\b|:443\b", lambda found: found[0].replace("443", str(port)), text).replace(
        "listen 80;", f"listen {other};"
    )
    site = folder / "site"
    site.write_text(text, encoding="utf-8")
    if kind == "caddy":
        return [program, "run", "--adapter", "caddyfile", "--config", str(site)]
    (folder / "nginx").write_text(NGINX.format(folder=folder), encoding="utf-8")
    return [program, "-p", str(folder), "-c", str(folder / "nginx")]


@pytest.mark.slow
def test_a_page_comes_over_tls_with_its_headers_and_static_files_are_kept(proxied: Proxied) -> None:
    with proxied.ask("GET", "/sign-in") as page:
        assert (page.status, page.headers.get_all("Strict-Transport-Security")) == (200, ["max-age=31536000"])
        assert "Đăng nhập" in page.read().decode()
    with proxied.ask("GET", "/static/css/app.css") as file:
        assert (file.status, file.headers["Cache-Control"]) == (200, "no-cache")
        assert file.headers["Strict-Transport-Security"] == "max-age=31536000"
        tag = file.headers["ETag"]
        file.read()
    with proxied.ask("GET", "/static/css/app.css", **{"If-None-Match": tag}) as again:
        assert again.status == 304


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(proxied: Proxied) -> None:
    trust = proxied.trust()
    trust.minimum_version, trust.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
    plain = socket.create_connection(("127.0.0.1", proxied.port), 20)
    with contextlib.closing(plain), pytest.raises(ssl.SSLError):
        trust.wrap_socket(plain, server_hostname=NAME)


@pytest.mark.slow
def test_the_trail_has_the_address_that_asked_and_not_what_it_says_of_itself(proxied: Proxied) -> None:
    with proxied.ask("GET", "/sign-in") as page:
        cookie, token = (
            page.headers["Set-Cookie"].split(";")[0],
            re.search(r'name="csrf_token" value="([^"]+)', page.read().decode()),
        )
    assert token
    form = f"login=clerk&password=sai&csrf_token={token[1]}"
    said = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "X-Forwarded-For": "9.9.9.9"}
    with proxied.ask("POST", "/sign-in", form, Referer=f"https://{NAME}/sign-in", **said) as answer:
        assert answer.status == 422
    database = Database(f"sqlite:///{proxied.folder}/khonggiay.sqlite3")
    with contextlib.closing(database), database.reading() as session:
        assert set(session.scalars(select(AuditEntry.address))) - {""} == {"127.0.0.5"}


@pytest.mark.slow
def test_a_large_file_passes(proxied: Proxied) -> None:
    cookie = f"khonggiay={proxied.token}"
    with proxied.ask("GET", "/archive/batches/new", Cookie=cookie) as page:
        cookie += "; " + page.headers["Set-Cookie"].split(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)', page.read().decode())
    assert token
    content = b"%PDF-1.4\n" + b"x" * (LARGE - 9)
    said = {
        "Content-Type": "application/octet-stream", "X-CSRFToken": token[1], "X-File-Size": str(LARGE), "X-File-Name": "lon.pdf",
        "Accept": "application/json", "Referer": f"https://{NAME}/archive/batches/new",
    }  # fmt: skip
    with proxied.ask("POST", f"/archive/batches/{proxied.batch}/files", content, Cookie=cookie, **said) as answer:
        assert answer.status == 200, answer.read()
    digest = hashlib.sha256(content).hexdigest()
    assert [file for file in (proxied.folder / "objects").rglob("*") if file.name.endswith(digest[-20:])]


@pytest.mark.slow
def test_a_socket_speaks_through_it(proxied: Proxied) -> None:
    address = f"wss://{NAME}/socket.io/?EIO=4&transport=websocket"
    opened = create_connection(
        address, timeout=20, socket=proxied.connect(), cookie=f"khonggiay={proxied.token}", origin=f"https://{NAME}"
    )
    with contextlib.closing(opened):
        assert str(opened.recv()).startswith("0{")
        opened.send("40")
        assert str(opened.recv()).startswith("40{")
        opened.send('420["follow","ledger"]')
        assert opened.recv() == "430[true]"


@pytest.mark.slow
def test_whoever_sends_slowly_holds_the_proxy_and_no_thread(proxied: Proxied) -> None:
    half = f"POST /sign-in HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\na"

    def reached() -> int:
        """The connections of the proxy to the web program."""
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        return sum(line.split()[2].endswith(f":{proxied.web:04X}") and line.split()[3] == "01" for line in lines)

    before = reached()
    with contextlib.ExitStack() as held:
        for _ in range(40):
            held.enter_context(contextlib.closing(proxied.connect())).sendall(half.encode())
        with proxied.ask("GET", "/sign-in") as page:  # asked after them all
            assert page.status == 200
        assert reached() <= before + 2


@pytest.mark.slow
def test_another_host_is_refused(proxied: Proxied) -> None:
    with contextlib.closing(proxied.connect()) as client:
        client.sendall(b"GET /sign-in HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 421"


@pytest.mark.slow
def test_what_is_too_large_or_a_strangers_is_refused_long_before_it_is_whole(proxied: Proxied) -> None:
    if proxied.kind == "caddy":
        pytest.skip("Caddy reads on what it has begun to hold; the program behind it refuses")
    with contextlib.closing(proxied.connect()) as client:
        head = f"POST /archive/batches/1/files HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 300000000\r\n\r\n"
        with contextlib.suppress(OSError):  # refused meanwhile
            client.sendall(head.encode() + bytes(2 * 1024 * 1024))
        client.settimeout(30)
        assert client.recv(12) in (b"HTTP/1.1 413", b"HTTP/1.1 401")
