"""The project of these tests: renders made without Blender, and photos."""

from pathlib import Path

import pytest
from support.composite_project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
