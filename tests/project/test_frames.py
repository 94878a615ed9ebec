"""What a trap's frames are to a developer, whatever a guest's debug information calls their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.project.frames import culprit, kind_of
from workbench.project.model import Function, Project
from workbench.records import Frame


@pytest.fixture
def project(tmp_path: Path) -> Project:
    home = tmp_path / "risky"
    home.mkdir()
    for place in (home / "lib.rs", tmp_path / "elsewhere.rs"):
        place.write_text("")
    return Project(tmp_path, (home,), {"risky": Function("risky", home, None, None, home / "risky.wasm")})


def test_the_first_frame_of_ones_own_code_is_looked_at_before_others_with_source(project: Project) -> None:
    library = Frame("panic", "/rustc/1/library/core/src/panicking.rs", 1, 1)
    elsewhere = Frame("help", str(project.root / "elsewhere.rs"), 1, 1)
    own = Frame("handle", str(project.root / "risky/lib.rs"), 1, 1)
    assert [kind_of(frame, project) for frame in (library, elsewhere, own)] == ["none", "here", "own"]
    assert culprit((library, elsewhere, own), project) is own
    assert culprit((library, elsewhere), project) is elsewhere


@pytest.mark.parametrize(
    "file", ["/" + "x" * 300, "/a\0b", "/\udce9.rs", None], ids=["long", "null", "no text", "none"]
)
def test_a_name_that_no_file_can_have_is_no_source(project: Project, file: str | None) -> None:
    assert kind_of(Frame("handle", file, 1, 1), project) == "none"
