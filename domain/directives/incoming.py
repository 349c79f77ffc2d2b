"""What a unit receives: how urgent it is, and what its register refuses."""

from enum import StrEnum

from domain.ground.errors import RuleError


class Urgency(StrEnum):
    """How urgent a document says it is (NĐ 30/2020, article 8 and Phụ lục I); the names are those of the stamps."""

    NONE = ""
    URGENT = "Khẩn"
    VERY_URGENT = "Thượng khẩn"
    EXPRESS = "Hỏa tốc"
    EXPRESS_AT = "Hỏa tốc hẹn giờ"


class IncomingChanged(RuleError):
    """Somebody changed the entry after it was read."""


class ArrivalYearFixed(RuleError):
    """The number of an entry belongs to a year, so its day of arrival stays in it."""

    year: int
