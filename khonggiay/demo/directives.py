"""The registers of the demo: what the federation and the unions below it issued since 2025, how, and who has read it.

Everything is invented. The draw is seeded, so each installation shows the same figures; a few documents carry no word of how they were
issued, a few numbers are missing and two unions have not reported, as in real registers.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.archive.documents import KINDS
from domain.directives.directives import Direction, OutgoingState
from domain.directives.evidence import EvidenceKind, proof_of
from domain.directives.issuance import Channel, Form, evidenced
from domain.directives.numbering import GapReason, Reset, SecretSeries, Series, series_key
from domain.ground.calendars import add_working_days
from domain.ground.clock import VIETNAM, now, today
from domain.ground.periods import Period
from domain.people.units import UnitKind
from khonggiay.demo.tables import table
from storage.directives.deliveries import Deliveries, Delivery
from storage.directives.evidence import Evidence
from storage.directives.incoming import IncomingDocuments
from storage.directives.numbering import NumberGap, NumberingRule, NumberSeries
from storage.directives.outgoing import OutgoingDocument, RegisterReport, SecretCount
from storage.people.people import People, Person
from storage.people.units import Unit, Units

_SEED = 2025
_BEGUN = date(2025, 1, 1)
_SYMBOLS = {name: code for code, name in KINDS.items() if code not in ("SL", "BS")}
_SILENT = ("CD-AYUNPA", "CD-ANKHE")  # they have not said that their registers are complete

_DRAWN = table("directives")
_ABOUTS: dict[str, list[str]] = {one["kind"]: one["abouts"] for one in _DRAWN["kinds"]}
_UPWARDS = ("Báo cáo", "Tờ trình")

# form, signed by the person, by the organisation, channel; with the weights of 2025 and of 2026
_Manner = tuple[Form | None, bool | None, bool | None, Channel | None]
_MANNERS: tuple[tuple[_Manner, int, int], ...] = (
    ((Form.ELECTRONIC, True, True, Channel.SYSTEM), 0, 26),
    ((Form.ELECTRONIC, True, True, Channel.OFFICE), 20, 14),
    ((Form.BOTH, True, True, Channel.OFFICE), 12, 12),
    ((Form.PAPER, False, True, Channel.EMAIL), 14, 12),
    ((Form.PAPER, False, False, Channel.CHAT), 18, 12),
    ((Form.PAPER, None, None, Channel.EMAIL), 6, 4),
    ((Form.PAPER, False, False, Channel.POST), 22, 14),
    ((None, None, None, None), 8, 6),
)


@dataclass(slots=True)
class _Registers:
    """What was drawn so far: the numbers given, by unit and series."""

    session: Session
    random: Random
    last: dict[tuple[int, str], int]


def add_directives(session: Session) -> None:
    """The registers of every union of the demo up to yesterday, with deliveries and what was left out."""
    registers = _Registers(session, Random(_SEED), defaultdict(int))  # noqa: S311 - a demo is drawn, not guarded
    units = [unit for unit in Units(session).all() if unit.kind in (UnitKind.PROVINCE, UnitKind.UPPER)]
    for unit in units:
        if unit.valid_to is None or unit.valid_to >= _BEGUN:
            _add_register(registers, unit)
    session.flush()
    session.add_all(NumberSeries(unit_id=unit, series=series, last=last) for (unit, series), last in registers.last.items())
    clerk, province = People(session).named("vanthu"), next(unit for unit in units if unit.code == "LDLD-GL")
    _add_gaps(session, clerk, province)
    _add_secret_counts(session, clerk, province)
    _send_on_paper(session, clerk, province)
    _deliver(registers, clerk, province)
    _answer(session, People(session).named("quynhon"))
    _add_drafts(session, province)


def _add_register(registers: _Registers, unit: Unit) -> None:
    begun = max(_BEGUN, unit.valid_from)
    ended = min(unit.valid_to or date.max, today() - timedelta(days=1))
    symbol = "LĐLĐ" if unit.code.startswith(("LDLD", "H-")) else "CĐ"
    registers.session.add(
        NumberingRule(
            unit_id=unit.id, valid_from=unit.valid_from, reset=Reset.YEAR, series=Series.PER_KIND,
            secret_series=SecretSeries.SEPARATE, body_symbol=symbol, source="Nghị định 30/2020/NĐ-CP, Điều 15",
        )
    )  # fmt: skip
    for day in _days(registers.random, begun, ended, a_month=14 if unit.kind is UnitKind.PROVINCE else 2):
        _add_document(registers, unit, day, symbol)
    _report(registers.session, unit, begun, ended)


def _days(random: Random, first: date, last: date, *, a_month: int) -> Iterator[date]:
    """Working days in order, some in each month."""
    day = first
    while day <= last:
        if random.random() < a_month / 21 and day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def _add_document(registers: _Registers, unit: Unit, dated: date, symbol: str) -> None:
    draw = registers.random
    kind = draw.choices(list(_ABOUTS), [one["weight"] for one in _DRAWN["kinds"]])[0]
    series = series_key(Reset.YEAR, Series.PER_KIND, kind=kind, dated=dated, term_from=unit.valid_from)
    registers.last[unit.id, series] += 1
    form, by_person, by_organisation, channel = _manner(draw, unit, dated)
    code = f"{symbol}-VP" if kind == "Công văn" else f"{_SYMBOLS[kind]}-{symbol}"
    document = OutgoingDocument(
        unit=unit, state=OutgoingState.ISSUED, kind=kind, series=series, number=registers.last[unit.id, series], symbol=code,
        dated=dated, abstract=draw.choice(_ABOUTS[kind]), signer=draw.choice(_DRAWN["leaders"]), signer_title="CHỦ TỊCH",
        direction=Direction.UP if kind in _UPWARDS else Direction.DOWN, copies=draw.choice((5, 20, 45)), copy_keeper="Văn thư",
        recipients="Như trên;\nLưu: VT." if unit.kind is UnitKind.UPPER else "Các công đoàn xã, phường;\nLưu: VT, VP.",
        transferred_on=dated, form=form, is_signed_by_person=by_person, is_signed_by_organisation=by_organisation,
        channel=channel, sent_at=_at(dated, draw.randrange(8, 17)) if channel else None, created_at=_at(dated, 17),
    )  # fmt: skip
    pieces = [(EvidenceKind.ISSUED_HERE, {"is_without_paper": True})] if channel is Channel.SYSTEM else []
    registers.session.add(document)
    registers.session.add_all(
        Evidence(outgoing=document, kind=kind, facts=facts, at=document.sent_at) for kind, facts in pieces
    )
    claimed = document.claim.range()
    proven = evidenced(claimed, proof_of(pieces))
    document.claimed_low, document.claimed_high = claimed.low, claimed.high
    document.evidenced_low, document.evidenced_high = proven.low, proven.high


def _manner(random: Random, unit: Unit, dated: date) -> _Manner:
    """How it was issued: the province is ahead of the others, and 2026 of 2025."""
    weights = [late if dated.year > 2025 else early for _manner, early, late in _MANNERS]
    if unit.kind is UnitKind.PROVINCE:
        weights = [
            weight * (3 if manner[0] is Form.ELECTRONIC else 1) for (manner, *_), weight in zip(_MANNERS, weights, strict=True)
        ]
    return random.choices([manner for manner, *_ in _MANNERS], weights)[0]


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), VIETNAM)


def _report(session: Session, unit: Unit, begun: date, ended: date) -> None:
    """The unit's word for every month that is over; two units are silent."""
    clerk = People(session).named("vanthu")
    for whole in Period(begun, ended).months():
        if whole.last <= ended and unit.code not in _SILENT:
            session.add(
                RegisterReport(
                    unit_id=unit.id, year=whole.first.year, month=whole.first.month, reported_by_id=clerk.id,
                    reported_at=_at(whole.last, 23),
                )
            )  # fmt: skip


def _add_gaps(session: Session, clerk: Person, province: Unit) -> None:
    """Two numbers of the province's latest run of decisions name no document: one is explained, one is not."""
    decisions = NumberSeries.series.endswith("|Quyết định", autoescape=True)
    runs = select(NumberSeries).where(NumberSeries.unit_id == province.id, decisions)
    series = session.scalars(runs.order_by(NumberSeries.series.desc())).first()
    if series is None:
        return
    series.last += 2
    session.add(
        NumberGap(
            unit_id=province.id, series=series.series, number=series.last - 1, reason=GapReason.CANCELLED,
            note="Cấp số rồi không ban hành.", recorded_by_id=clerk.id,
        )
    )  # fmt: skip


def _add_secret_counts(session: Session, clerk: Person, province: Unit) -> None:
    last = today().replace(day=1) - timedelta(days=1)
    for number, count in ((3, 1), (6, 2), (9, 1)):
        year = last.year if number <= last.month else last.year - 1
        session.add(SecretCount(unit_id=province.id, year=year, month=number, kind="", count=count, recorded_by_id=clerk.id))


def _deliver(registers: _Registers, clerk: Person, province: Unit) -> None:
    """What the province sent down in the last weeks through this system: most units have read it, some are late."""
    session, draw = registers.session, registers.random
    sent = select(OutgoingDocument).where(
        OutgoingDocument.unit_id == province.id, OutgoingDocument.channel == Channel.SYSTEM,
        OutgoingDocument.direction == Direction.DOWN, OutgoingDocument.dated >= today() - timedelta(days=45),
    )  # fmt: skip
    below = [unit for unit in Units(session).on(today()) if unit.kind is UnitKind.UPPER]
    for document in session.scalars(sent.order_by(OutgoingDocument.dated)):
        for unit in below:
            hours = draw.choice((2, 5, 20, 30, 80)) if unit.code not in _SILENT else None
            read = document.sent_at + timedelta(hours=hours) if hours and document.sent_at else None
            is_read = read is not None and read < now()
            session.add(
                Delivery(
                    outgoing=document, unit_id=unit.id, channel=Channel.SYSTEM, sent_at=document.sent_at,
                    read_at=read if is_read else None, acknowledged_at=read if is_read and hours and hours < 30 else None,
                    answer_due_on=add_working_days(document.dated or today(), 7) if document.kind == "Công văn" else None,
                    recorded_by_id=clerk.id,
                )
            )  # fmt: skip


def _send_on_paper(session: Session, clerk: Person, province: Unit) -> None:
    """The last document that went on paper too also went to two offices outside; of one it is known that it arrived."""
    both = select(OutgoingDocument).where(OutgoingDocument.unit_id == province.id, OutgoingDocument.form == Form.BOTH)
    last = session.scalars(both.order_by(OutgoingDocument.dated.desc(), OutgoingDocument.id.desc())).first()
    for name, word in (("Văn phòng Tỉnh ủy", ""), ("Ban Dân vận Tỉnh ủy", "nhân viên bưu điện")):
        if last and last.dated:
            session.add(
                Delivery(
                    outgoing=last, recipient=name, channel=Channel.POST, sent_at=last.sent_at, recorded_by_id=clerk.id,
                    received_on=min(add_working_days(last.dated, 2), today()) if word else None, received_word=word,
                )
            )  # fmt: skip
            session.flush()


def _answer(session: Session, person: Person) -> None:
    """A union has entered what it read last, and answered one of it by a document of its own."""
    book, unit = IncomingDocuments(session), person.seats[0].unit
    read = select(Delivery).where(Delivery.unit_id == unit.id, Delivery.read_at.is_not(None)).order_by(Delivery.id.desc())
    arrived, replies = session.scalars(read.limit(3)).all(), book.replies(unit)
    for delivery in reversed(arrived):
        book.enter_delivery(delivery, person)
    if arrived and replies:
        Deliveries(session).answer(arrived[0], person, "Đơn vị gửi kèm văn bản triển khai.", replies[0])
        book.answer(arrived[0], person)


def _add_drafts(session: Session, province: Unit) -> None:
    """One draft, and one that waits for its signer."""
    leader, author = People(session).named("chutich"), People(session).named("canbo")
    for state, kind, abstract in (
        (OutgoingState.DRAFT, "Kế hoạch", "chăm lo Tết Nguyên đán cho đoàn viên, người lao động"),
        (OutgoingState.SUBMITTED, "Công văn", "V/v báo cáo kết quả chuyển đổi số của công đoàn các xã, phường"),
    ):
        session.add(
            OutgoingDocument(
                unit=province, state=state, kind=kind, abstract=abstract, content=f"Thực hiện chương trình công tác, {abstract}.",
                signer=leader.name, signer_title="CHỦ TỊCH", signer_person=leader, drafted_by=author, direction=Direction.DOWN,
                recipients="Các công đoàn xã, phường;\nLưu: VT.",
            )
        )  # fmt: skip
