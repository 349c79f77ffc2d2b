"""What tests of the pipeline may ask for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.ocr_worker.pipeline.made_pages import DPI, Gray


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Saves a page as an image file with its resolution."""

    def save(page: Gray | Image.Image, name: str = "trang.png", **options: Any) -> Path:
        path = tmp_path / name
        picture = page if isinstance(page, Image.Image) else Image.fromarray(page)
        picture.save(path, dpi=(DPI, DPI), **options)
        return path

    return save
