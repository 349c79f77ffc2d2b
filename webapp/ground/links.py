"""Links that leave this program, in workbooks and codes: they are built from the configured address, whatever a request calls itself."""

from typing import Any

from flask import url_for

from webapp.ground.system import settings


def public_link(endpoint: str, **values: Any) -> str:
    """The whole address of a page, as people reach it from elsewhere."""
    return settings().public_url.rstrip("/") + url_for(endpoint, **values)
