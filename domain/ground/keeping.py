"""Keeping an installation: what an administrator may ask the worker to do now, and when it must raise an alarm about backups."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.ground.backups import BackupProblem

BACKUP_WITHIN = timedelta(days=2)  # one a day, and one may fail
FAILING_AFTER = timedelta(hours=26)  # since the last one: tonight's has been tried for two hours
_ITS_OWN_ALARM = ("", BackupProblem.LOST, BackupProblem.INTERRUPTED, BackupProblem.VOTE_OPEN)


class Order(StrEnum):
    """What the worker may be asked to do now."""

    BACK_UP = "back_up"
    CHECK = "check"


class BackupAlarm(StrEnum):
    """What is wrong with the backups of an installation."""

    FAILING = "failing"  # the last tries failed, and nothing newer is there
    OVERDUE = "overdue"  # the last success is too long ago, or lies in the future and so is unknown
    NONE = "none"  # there never was one


def backup_alarm(
    moment: datetime, last_success: datetime | None, last_try: datetime | None, problem: str
) -> BackupAlarm | None:
    """What is wrong, or None. `problem` is why the last try failed, "" if it did not.

    >>> from datetime import UTC
    >>> night = datetime(2026, 12, 1, 19, tzinfo=UTC)
    >>> backup_alarm(night + timedelta(hours=3), night - timedelta(hours=24), night, "place")
    <BackupAlarm.FAILING: 'failing'>
    >>> backup_alarm(night, night - timedelta(hours=24), night, "place") is None
    True
    """
    if last_try is None:
        return BackupAlarm.NONE
    is_failing = problem not in _ITS_OWN_ALARM
    if last_success is None:
        if is_failing:
            return BackupAlarm.FAILING
        return BackupAlarm.OVERDUE if abs(moment - last_try) > BACKUP_WITHIN else None
    age = abs(moment - last_success)
    if is_failing and age > FAILING_AFTER:
        return BackupAlarm.FAILING
    return BackupAlarm.OVERDUE if age > BACKUP_WITHIN else None
