"""What long lists share: how many rows a page holds, which page was asked for, and the addresses of the others."""

from typing import Any

from flask import request, url_for

ON_A_PAGE = 50


def page_asked(count: int) -> tuple[int, int]:
    """The page that was asked for, numbered from 1 and drawn into the list, and the last page of `count` rows."""
    last = max(1, -(-count // ON_A_PAGE))
    return min(max(request.args.get("page", 1, int), 1), last), last


def page_address(number: int) -> str:
    """The address of another page of the list that is being shown."""
    values: dict[str, Any] = request.args.to_dict() | {"page": number}
    return url_for(request.endpoint or "home", **values)


def address_after(after: str) -> str:
    """The address of the page that begins after that row (storage/ground/lists/paging.py) of the list that is shown; "": of the first."""
    values: dict[str, Any] = {name: value for name, value in request.args.to_dict().items() if name not in ("after", "check")}
    return url_for(request.endpoint or "home", **values, after=after or None)
