"""A paper as it is read in a meeting: the place that an address asks for, and the page of it, turned to where one stopped."""

from dataclasses import dataclass, replace
from typing import Any, Self

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from storage.meetings.papers import Paper, PaperVersion
from webapp.archive.sheets import Place, sheet
from webapp.ground.access import me
from webapp.ground.words import SOURCES, STATES, reason_in_words
from webapp.meetings.papers.reader import Reader, may_present
from webapp.meetings.words import PAPER_STATES


@dataclass(frozen=True, slots=True)
class PaperPlace(Place):
    """Where somebody stands in a version of a paper."""

    meeting_id: int = 0
    paper_id: int = 0
    version: int | None = None  # None: the one that is shown

    @classmethod
    def of_paper(cls, meeting_id: int, paper_id: int) -> Self:
        """The place in that paper that the address asks for."""
        named = Place.of(0, request.args)
        return cls(
            document_id=0,
            page=named.page,
            q=named.q,
            hit=named.hit,
            meeting_id=meeting_id,
            paper_id=paper_id,
            version=request.args.get("version", type=int),
        )

    def to(self, **changes: Any) -> str:
        """The address of the place with these changes."""
        place = replace(replace(self, hit=0), **changes)
        said: dict[str, Any] = {name: value for name in ("page", "q", "hit", "version") if (value := getattr(place, name))}
        return url_for("papers.paper", meeting_id=self.meeting_id, paper_id=self.paper_id, **said)


def paper_page(session: Session, reader: Reader, shown: Paper, version: PaperVersion, place: PaperPlace) -> tuple[str, int]:
    """The page of the viewer, and the number of the page that lies on it."""
    context = {
        "meeting": reader.meeting,
        "reader": reader,
        "paper": shown,
        "version": version,
        "states": PAPER_STATES,
        "place": place,
        "read_before": reader.read_before(shown, version),
        "may_present": may_present(reader.meeting, reader.participant),
    }
    if version.is_held_back or version.document is None:
        return render_template("meetings/papers/paper_plain.html", **context), 1
    last = reader.papers.reading(version, me().id)
    if not place.page and not place.q and last is not None:
        place = replace(place, page=last.last_page)
        context["place"] = place
    lying = sheet(session, version.document, place)
    is_turning = request.headers.get("HX-Target") in ("desk", "sheet")
    template = "meetings/papers/desk.html" if is_turning else "meetings/papers/paper.html"
    rendered = render_template(
        template, sheet=lying, work_states=STATES, sources=SOURCES, reason_in_words=reason_in_words, **context
    )
    return rendered, lying.number
