"""What people read for a member of an enum stands in one table, and the table is total."""

from webapp.meetings.before.agenda import KINDS
from webapp.meetings.words import ITEM_KINDS


def test_the_kinds_of_an_item_have_one_table_of_words() -> None:
    assert KINDS is ITEM_KINDS
