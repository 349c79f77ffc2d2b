"""What a unit receives: the stamps of urgency."""

from domain.directives.imports.cells import read_urgency
from domain.directives.incoming import Urgency


def test_a_document_is_as_urgent_as_the_stamps_of_the_decree_say() -> None:
    assert [one.value for one in Urgency] == ["", "Khẩn", "Thượng khẩn", "Hỏa tốc", "Hỏa tốc hẹn giờ"]


def test_what_a_register_says_of_urgency_is_a_stamp() -> None:
    assert [Urgency(read_urgency(said)) for said in ("thường", "K", "TK", "HT", "")] == [
        Urgency.NONE, Urgency.URGENT, Urgency.VERY_URGENT, Urgency.EXPRESS, Urgency.NONE,
    ]  # fmt: skip
