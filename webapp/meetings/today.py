"""The day it is in Vietnam."""

from datetime import date, datetime

from domain.clock import now
from webapp.formats import VIETNAM


def today() -> date:
    """The day it is."""
    return now().astimezone(VIETNAM).date()


def day_of(moment: datetime) -> date:
    """The day of a moment."""
    return moment.astimezone(VIETNAM).date()
