"""How values are written for people: days, moments, periods, sizes, shares. Times are UTC inside and those of Vietnam out here."""

from datetime import date, datetime

from flask import Flask
from flask_babel import gettext as _

from domain.ground.clock import VIETNAM
from domain.ground.periods import Period


def day(value: date | str | None) -> str:
    """A day as 05/02/2025; an ISO text that lacks month or day as far as it goes; empty for none.

    >>> day("2025-02-05"), day("2011"), day(None)
    ('05/02/2025', '2011', '')
    """
    text = value.isoformat()[:10] if isinstance(value, date) else value or ""
    return "/".join(reversed(text.split("-")))


def moment(value: datetime | None) -> str:
    """A moment as 14:05 05/02/2025, Vietnamese time."""
    return value.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y") if value else ""


def hour(value: datetime | None) -> str:
    """The time of day as 14:05, Vietnamese time."""
    return value.astimezone(VIETNAM).strftime("%H:%M") if value else ""


def clock_time(value: datetime | None) -> str:
    """The time of a day as 14:05:09, Vietnamese time."""
    return value.astimezone(VIETNAM).strftime("%H:%M:%S") if value else ""


def period_words(period: Period) -> str:
    """A period as people say it."""
    code, year = period.code, period.first.year
    if ".." in code:
        return str(_("từ %(first)s đến %(last)s", first=day(period.first), last=day(period.last)))
    if code.endswith("-H1"):
        return str(_("6 tháng đầu năm %(year)s", year=year))
    if code.endswith("-H2"):
        return str(_("6 tháng cuối năm %(year)s", year=year))
    return str(_("tháng %(n)s/%(year)s", n=period.first.month, year=year) if "-" in code else _("năm %(year)s", year=year))


def number(value: int) -> str:
    """A whole number with dots between thousands.

    >>> number(1234567)
    '1.234.567'
    """
    return f"{value:,}".replace(",", ".")


def size(count: int) -> str:
    """A number of bytes.

    >>> size(1), size(1536), size(5_000_000)
    ('1 B', '1,5 KB', '4,8 MB')
    """
    value, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            break
        value /= 1024
    return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}".replace(".", ",")


def percent(share: float) -> str:
    """A share of one as whole percents.

    >>> percent(0.934)
    '93 %'
    """
    return f"{share * 100:.0f} %"


def init_formats(app: Flask) -> None:
    """Make them filters of the templates."""
    for filter_ in (day, moment, clock_time, hour, period_words, number, size, percent):
        app.add_template_filter(filter_)
