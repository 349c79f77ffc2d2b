"""Archival places: the partial dates of TT 05/2025. What a paper does not say stays empty."""

import re
from datetime import date

_PARTIAL_DATE = re.compile(r"(?:(?:(?P<day>\d{2})/)?(?P<month>\d{2})/)?(?P<year>\d{4})")


def earliest_day(text: str) -> date | None:
    """The first day that a date written as dd/MM/yyyy, MM/yyyy or yyyy may mean, or None for anything else.

    >>> earliest_day("05/02/1998"), earliest_day("02/1998"), earliest_day("1998"), earliest_day("30/02/1998")
    (datetime.date(1998, 2, 5), datetime.date(1998, 2, 1), datetime.date(1998, 1, 1), None)
    """
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    except ValueError:
        return None


def may_follow(start: str, end: str) -> bool:
    """Whether the second of two partial dates may lie on or after the first.

    >>> may_follow("05/1998", "1998"), may_follow("05/1998", "04/1998"), may_follow("1998", "1997")
    (True, False, False)
    """
    parts = [list(reversed(text.split("/"))) for text in (start, end)]
    known = min(len(part) for part in parts)  # what both of them say: year, or year and month, or all
    return parts[0][:known] <= parts[1][:known]
