"""What stands on the page of an outgoing document below its own facts: each part of the section adds its panel here, in its module.

    @panel
    def evidence_panel(session: Session, outgoing: OutgoingDocument) -> str: ...

A panel renders a template for whoever asks; an empty text is no panel.
"""

from collections.abc import Callable

from markupsafe import Markup
from sqlalchemy.orm import Session

from storage.directives.outgoing import OutgoingDocument

Panel = Callable[[Session, OutgoingDocument], str]
PANELS: list[Panel] = []


def panel(render: Panel) -> Panel:
    """Have a function render a panel; panels stand in the order in which the application registers their modules."""
    PANELS.append(render)
    return render


def panels_of(session: Session, outgoing: OutgoingDocument) -> list[Markup]:
    """The panels of a document, for its page."""
    rendered = (render(session, outgoing) for render in PANELS)
    return [Markup(text) for text in rendered if text.strip()]  # noqa: S704 - templates of ours, which escape
