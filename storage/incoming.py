"""Incoming documents as records (sổ đăng ký văn bản đến) with how they were handled; and the deliveries of what units send each other."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.clock import now
from domain.issuance import Channel
from storage.database import Base
from storage.documents import Document
from storage.outgoing import OutgoingDocument
from storage.people import Person
from storage.units import Unit


class Delivery(Base):
    """An outgoing document on its way to one recipient: when it was sent, arrived, read, acknowledged and answered.

    A recipient is a unit of ours (`unit_id`) or somebody outside (`recipient`). What stands here was done in this system, or is recorded
    as said by whoever sent it (`recorded_by_id`).
    """

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("outgoing_id", "unit_id"), Index("ix_deliveries_unit_read", "unit_id", "read_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing_documents.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    recipient: Mapped[str] = mapped_column(default="")  # somebody outside, by name
    address: Mapped[str] = mapped_column(default="")  # e-mail address, for Channel.EMAIL
    channel: Mapped[Channel]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # first opened by somebody of the unit
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answer_due_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answer_outgoing_id: Mapped[int | None] = mapped_column(
        ForeignKey("outgoing_documents.id")
    )  # the unit's own document that answers
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    outgoing: Mapped[OutgoingDocument] = relationship(foreign_keys=[outgoing_id])
    unit: Mapped[Unit | None] = relationship()
    answer_outgoing: Mapped[OutgoingDocument | None] = relationship(foreign_keys=[answer_outgoing_id])


class IncomingDocument(Base):
    """A document that a unit received and entered, with its number of arrival and how it is handled."""

    __tablename__ = "incoming_documents"
    __table_args__ = (UniqueConstraint("unit_id", "year", "number"), UniqueConstraint("delivery_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    year: Mapped[int]
    number: Mapped[int]  # số đến, from 1 each year
    arrived_on: Mapped[date]
    author: Mapped[str]
    written_number: Mapped[str] = mapped_column(default="")  # số, ký hiệu, as on the paper
    dated: Mapped[date | None]
    kind: Mapped[str] = mapped_column(default="")
    abstract: Mapped[str]
    urgency: Mapped[str] = mapped_column(default="")
    assignee: Mapped[str] = mapped_column(default="")  # unit or person who receives it, as written
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    transferred_on: Mapped[date | None]
    receipt: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    progress: Mapped[str] = mapped_column(default="")
    handled_on: Mapped[date | None]
    reply_number: Mapped[str] = mapped_column(default="")  # số, ký hiệu văn bản trả lời
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_documents.id"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("register_imports.id"), index=True)
    import_row: Mapped[int | None]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=now)

    unit: Mapped[Unit] = relationship()
    delivery: Mapped[Delivery | None] = relationship()
    document: Mapped[Document | None] = relationship()
    assigned: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])
