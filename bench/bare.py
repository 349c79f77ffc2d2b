"""The measure of bench/meeting.py: a server that does nothing but emit the bytes it is asked for to whoever is connected."""

import os
import time
from typing import Any

from flask import Flask, Response, request
from flask_socketio import SocketIO


def make() -> Flask:
    """The application; its mode is in the environment, as BARE_MODE."""
    app = Flask(__name__)
    mode: Any = os.environ["BARE_MODE"]
    socketio = SocketIO(app, async_mode=mode, cors_allowed_origins="*")

    @socketio.on("connect")
    def connect() -> None:
        socketio.server.enter_room(request.sid, "room")  # type: ignore[attr-defined]

    @app.get("/health")
    def health() -> str:
        return "ok"

    @app.post("/emit")
    def emit() -> Response:
        html = "x" * request.args.get("bytes", 2000, int)
        socketio.emit("changed", {"at": time.time(), "html": html}, to="room")
        return Response(status=204)

    @app.post("/work")
    def work() -> Response:
        """What a sign-in costs, to see what it does to the emits meanwhile."""
        from argon2 import PasswordHasher

        PasswordHasher().hash("x")
        return Response(status=204)

    return app
