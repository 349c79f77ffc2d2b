"""An installation that is told to refuse does so, with the reason of each wall that is missing."""

import pytest

from khonggiay.refusals import told
from khonggiay.walls import WallsMissing, look_at_the_walls, missing
from storage.ground.settings import Settings, read_settings
from storage.ground.walls import Lack, Wall

WITHOUT = {Wall.FILES: Lack.DISABLED, Wall.CALLS: Lack.MACHINE}


def test_with_every_wall_the_programs_start() -> None:
    assert missing() == {}
    look_at_the_walls(Settings(sandbox="complete"), missing())


def test_a_missing_wall_stops_the_programs_only_where_all_are_asked_for() -> None:
    look_at_the_walls(Settings(), WITHOUT)
    with pytest.raises(WallsMissing) as caught:
        look_at_the_walls(Settings(sandbox="complete"), WITHOUT)
    status, lines = told(caught.value)
    assert status == 1
    assert lines == [
        "Thiếu một lớp ngăn khi đọc tệp từ ngoài: tệp lạ có thể đọc, ghi các tệp khác trên máy, vì nhân Linux chưa bật chức năng này "
        "khi khởi động.",
        "Thiếu một lớp ngăn khi đọc tệp từ ngoài: tệp lạ có thể ra mạng và gọi các chương trình khác trên máy, vì chưa hỗ trợ loại bộ "
        "xử lý của máy.",
        "KHONGGIAY_SANDBOX=complete không cho chạy khi thiếu; hãy nâng cấp máy hoặc đổi cài đặt.",
    ]


def test_the_setting_is_one_of_two_words() -> None:
    assert read_settings({"KHONGGIAY_SANDBOX": "complete"}).sandbox == "complete"
