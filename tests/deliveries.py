"""Documents on their way between the units of the cast: what tests of deliveries, inboxes and registers begin with."""

from datetime import date, datetime

from domain.directives.deliveries import Addressee, Sending
from domain.directives.directives import Direction, OutgoingState
from domain.directives.issuance import Channel, Form
from domain.ground.clock import now
from storage.directives.deliveries import deliver
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.people.people import People
from tests.cast import Cast


def issue(
    database: Database,
    cast: Cast,
    *,
    unit: str = "LDLD",
    number: int = 15,
    state: OutgoingState = OutgoingState.ISSUED,
    **more: object,
) -> int:
    """A plan that a unit has issued; returns its id."""
    values: dict[str, object] = {
        "kind": "Kế hoạch", "series": "2026|Kế hoạch", "symbol": "KH-LĐLĐ", "dated": date(2026, 11, 20), "signer": "Hoàng Thị Chủ Tịch",
        "abstract": "Tổ chức Tháng Công nhân năm 2027", "direction": Direction.DOWN, "form": Form.ELECTRONIC, "channel": Channel.SYSTEM,
    } | more  # fmt: skip
    with database.writing() as session:
        outgoing = OutgoingDocument(unit_id=cast.units[unit], number=number, state=state, sent_at=now(), **values)
        session.add(outgoing)
        session.flush()
        return outgoing.id


def send(
    database: Database,
    cast: Cast,
    outgoing_id: int,
    *to: str,
    channel: Channel = Channel.SYSTEM,
    due: date | None = None,
    sent_at: datetime | None = None,
) -> list[int]:
    """Send a document to units by code, or to outsiders as "name; address"; returns the ids of the deliveries."""
    with database.writing() as session:
        addressees = [
            Addressee(unit_id=cast.units[one])
            if one in cast.units
            else Addressee(name=one.partition(";")[0], address=one.partition(";")[2].strip())
            for one in to
        ]
        clerk = People(session).get(cast.people["clerk"])
        outgoing = session.get_one(OutgoingDocument, outgoing_id)
        sent = deliver(session, outgoing, Sending(channel, addressees, due, sent_at), by=clerk)
        return [one.id for one in sent]
