"""From a task of a meeting to the document that is drafted for it: what the draft begins with, and the link that both pages show."""

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.directives.outgoing import OutgoingDocument
from storage.meetings.tasks import Task
from webapp.directives.beginnings import Beginning, beginning
from webapp.directives.panels import panel
from webapp.ground.access import audit
from webapp.meetings.tasks.access import known_task, knows_task, may_report


@beginning
def task_asked_for(session: Session) -> Beginning | None:
    """The task that the address names, if whoever asks works on it and nothing is drafted from it yet: the draft begins with its
    unit where the task is a unit's, its abstract, and the conclusion it follows."""
    task_id = request.args.get("task", type=int)
    task = known_task(session, task_id) if task_id else None
    if task is None or not may_report(task) or task.outgoing_id is not None:
        return None

    def link(outgoing: OutgoingDocument) -> None:
        task.outgoing = outgoing
        session.flush()
        audit(session, "task_linked", subject=("outgoing", outgoing.id), facts={"task": task.id})

    unit = str(task.unit_id) if task.unit_id else None
    return Beginning({"unit": unit, "abstract": task.title, "content": task.conclusion.text}, link)


@panel
def task_panel(session: Session, outgoing: OutgoingDocument) -> str:
    """The tasks that the document was drafted from, as far as whoever asks knows them."""
    linked = session.scalars(select(Task).where(Task.outgoing_id == outgoing.id).order_by(Task.id))
    tasks = [task for task in linked if knows_task(task)]
    return render_template("directives/evidence/tasks.html", tasks=tasks) if tasks else ""
