"""When an alarm about backups is raised."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.ground.keeping import BackupAlarm, backup_alarm

NOW = datetime(2026, 12, 1, 19, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("success_ago", "try_ago", "problem", "alarm"),
    [
        (None, None, "", BackupAlarm.NONE),
        (1 * HOUR, 1 * HOUR, "", None),
        (25 * HOUR, HOUR, "place", None),
        (27 * HOUR, HOUR, "place", BackupAlarm.FAILING),
        (27 * HOUR, HOUR, "vote_open", None),
        (49 * HOUR, HOUR, "vote_open", BackupAlarm.OVERDUE),
        (49 * HOUR, 49 * HOUR, "", BackupAlarm.OVERDUE),
        (-49 * HOUR, -49 * HOUR, "", BackupAlarm.OVERDUE),
        (None, HOUR, "tool", BackupAlarm.FAILING),
        (None, HOUR, "interrupted", None),
        (None, 49 * HOUR, "interrupted", BackupAlarm.OVERDUE),
    ],
)
def test_the_alarm_by_what_is_known(
    success_ago: timedelta | None, try_ago: timedelta | None, problem: str, alarm: BackupAlarm | None
) -> None:
    success = None if success_ago is None else NOW - success_ago
    tried = None if try_ago is None else NOW - try_ago
    assert backup_alarm(NOW, success, tried, problem) is alarm
