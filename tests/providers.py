"""Identity providers on loopback for the tests: a real one (npm's oidc-provider), and one that lies as it is told."""

import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.servers import free_ports, listens, wait_until

ROOT = Path(__file__).parents[1]
CLIENT, SECRET = "khonggiay", "only-for-tests-0123456789"


def is_installed() -> bool:
    """Whether the real one can be started here."""
    return bool(shutil.which("node")) and (ROOT / "node_modules" / "oidc-provider").is_dir()


class RealProvider:
    """oidc-provider as a process, for one client at `public_url`. `accounts` are claims by subject; any password is taken."""

    def __init__(self, folder: Path, public_url: str, accounts: dict[str, dict[str, Any]]) -> None:
        self.port = free_ports(1)[0]
        self.issuer = f"http://localhost:{self.port}"
        client = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": [f"{public_url}/sign-in/provider/back"],
            "post_logout_redirect_uris": [f"{public_url}/sign-in"],
            "backchannel_logout_uri": f"{public_url}/sign-in/provider/ended",
            "backchannel_logout_session_required": True,
        }
        self._configuration = json.dumps({"port": self.port, "client": client, "accounts": accounts})
        self._log = folder / "provider.log"

    @contextmanager
    def running(self) -> Iterator["RealProvider"]:
        """The provider while it answers."""
        command = ["node", "tests/provider.mjs", self._configuration]
        with self._log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process:
            try:
                wait_until(lambda: listens(self.port), process, self._log)
                yield self
            finally:
                process.kill()


class Visitor:
    """A browser at the real provider: it keeps its cookies and follows whatever leads on, up to the way back to us."""

    def __init__(self, provider: RealProvider) -> None:
        self._issuer, self._browser = provider.issuer, requests.Session()
        self._browser.trust_env = False

    def goes(self, address: str, subject: str) -> str:
        """Sign in there as `subject`, where it asks, and agree; the path and query that lead back to us."""
        answer = self._browser.get(address, allow_redirects=False)
        for _step in range(12):
            if back := self._leads_back(answer):
                return back
            if answer.is_redirect:
                answer = self._browser.get(urljoin(answer.url, answer.headers["Location"]), allow_redirects=False)
            else:
                answer = self._sends(answer, subject)
        raise AssertionError(answer.text)

    def declines(self, address: str) -> str:
        """Turn back at the page that asks who comes."""
        page = self._browser.get(address)
        aborts = re.search(r'href="([^"]+/abort)"', page.text)
        assert aborts, page.text
        return self.goes(urljoin(page.url, html.unescape(aborts[1])), "")

    def _leads_back(self, answer: requests.Response) -> str:
        location = urljoin(answer.url, answer.headers.get("Location", ""))
        if not answer.is_redirect or location.startswith(self._issuer):
            return ""
        parts = urlsplit(location)
        return f"{parts.path}?{parts.query}"

    def _sends(self, page: requests.Response, subject: str) -> requests.Response:
        """Send the form of a page, with whatever is hidden in it."""
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert action, page.text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        fields = {**hidden, "login": subject, "password": "any"}
        if 'name="logout"' in page.text:
            fields["logout"] = "yes"
        return self._browser.post(urljoin(page.url, html.unescape(action[1])), data=fields, allow_redirects=False)


class LyingProvider:
    """A provider whose every word the test chooses: `says` makes the token answer, `metadata` and `keys` what it tells of itself."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://localhost:{self._server.server_address[1]}"
        self.metadata: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        self.says: Callable[[], tuple[int, dict[str, Any]]] = lambda: (500, {})
        self.asked: list[str] = []
        self.status = 200  # of what it tells of itself

    @contextmanager
    def running(self) -> Iterator["LyingProvider"]:
        """The provider while it answers."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def token(self, claims: dict[str, Any], *, header: dict[str, Any] | None = None, key: RSAKey | None = None) -> str:
        """A token that this provider has signed."""
        return jwt.encode(header or {"alg": "RS256", "kid": self.key.kid}, claims, key or self.key)

    def _answer(self, path: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return self.status, self.metadata
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        return self.says() if path == "/token" else (404, {})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, told = provider._answer(self.path.partition("?")[0])
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815 - the name that the library looks for

            def log_message(self, *_said: Any) -> None:
                """Say nothing."""

        return Handler
