"""Orders to the worker: make a backup now, check all files now. An order stands until it is done, so a worker that is killed goes on."""

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.ground.clock import now
from domain.ground.keeping import Order
from storage.ground.database import Numbered, Records
from storage.people.people import Person


class KeepingOrder(Numbered):
    """One order. `problem` says why it could not be done; a new one may be given."""

    __tablename__ = "keeping_orders"

    act: Mapped[Order]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")

    asked_by: Mapped[Person] = relationship()


class KeepingOrders(Records):
    """All orders."""

    def give(self, act: Order, person_id: int) -> KeepingOrder | None:
        """Ask for something; None if it is asked for already and not done yet."""
        if self.open(act):
            return None
        order = KeepingOrder(act=act, asked_by_id=person_id)
        self.session.add(order)
        self.session.flush()
        return order

    def open(self, act: Order) -> KeepingOrder | None:
        """The order that is to be done."""
        asked = select(KeepingOrder).where(KeepingOrder.act == act, KeepingOrder.ended_at.is_(None))
        return self.session.scalar(asked.order_by(KeepingOrder.id).limit(1))

    def last(self, act: Order) -> KeepingOrder | None:
        """The newest order of that kind."""
        asked = select(KeepingOrder).where(KeepingOrder.act == act).order_by(KeepingOrder.id.desc())
        return self.session.scalar(asked.limit(1))

    def begin(self, order_id: int) -> None:
        """The worker takes it up; again, if another one was killed over it."""
        order = self.session.get_one(KeepingOrder, order_id)
        order.begun_at = order.begun_at or now()

    def end(self, order_id: int, problem: str = "") -> None:
        """It is done, or cannot be."""
        order = self.session.get_one(KeepingOrder, order_id)
        order.ended_at, order.problem = now(), problem
