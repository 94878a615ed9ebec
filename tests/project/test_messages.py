"""Saved messages."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.project import files
from workbench.config import Settings
from workbench.errors import UserError
from workbench.project.messages import (
    DIRECTORY,
    Message,
    file_stem,
    message_files,
    read_message,
    save_message,
)
from workbench.project.targets import read

_COUNTS = st.integers(0, 2**53)
_MESSAGES = st.builds(
    Message,
    name=st.text(max_size=40),
    target=st.text(),
    kind=st.sampled_from(["cast", "call"]),
    payload=st.one_of(st.binary(), st.text().map(str.encode), st.text("'\"\n\r\\\t\x7f ab").map(str.encode)),
    source=st.text(),
    delay_ms=_COUNTS,
    repeat=st.integers(1, 2**53),
    every_ms=_COUNTS,
)


@given(_MESSAGES)
def test_a_message_comes_back_as_it_was_saved(message: Message) -> None:
    with tempfile.TemporaryDirectory() as directory:
        assert read_message(save_message(message, Path(directory))) == message


@given(st.text(), st.text())
def test_two_names_never_share_a_file(one: str, other: str) -> None:
    assert (file_stem(one) == file_stem(other)) == (one == other)
    assert not set(file_stem(one)) & set("/\\\0.:")


def test_json_is_saved_as_a_person_would_write_it(tmp_path: Path) -> None:
    message = Message("set count", "counter", payload=b'{\n  "count": 3\n}\n', delay_ms=500)
    path = save_message(message, tmp_path / "messages")
    assert path.name == "set+count.toml"
    assert path.read_text() == (
        'name = "set count"\ntarget = "counter"\nkind = "cast"\ndelay_ms = 500\n'
        "payload = '''\n{\n  \"count\": 3\n}\n'''\n"
    )


def test_a_payload_of_fifty_megabytes_is_kept(tmp_path: Path) -> None:
    message = Message("large", "a", payload=b"\xff" * 50_000_000)
    assert read_message(save_message(message, tmp_path)) == message


def test_saving_again_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    save_message(Message("m", "a"), tmp_path)
    path = save_message(Message("m", "b"), tmp_path)
    assert read_message(path).target == "b"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "messages").write_text("a file")
    with pytest.raises(UserError, match="cannot be saved"):
        save_message(Message("m", "a"), tmp_path / "messages")
    with pytest.raises(UserError, match="cannot be saved"):
        save_message(Message("m" * 300, "a"), tmp_path / "others")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name = 'm'", 1, 'the key "target" is missing'),
        ("name = 'm'\ntarget = 'a'\nkind = 'casts'", 3, 'did you mean "cast"?'),
        ("name = 'm'\ntarget = 'a'\nrepeat = 0", 3, "at least 1"),
        ("name = 'm'\ntarget = 'a'\npayload_base64 = '???'", 3, "is not base64"),
        ("name = 'm'\ntarget = 'a'\npayload_base64 = 'é'", 3, "is not base64"),
        ("name = 'm'\ntarget = 'a'\npayload = ''\npayload_base64 = ''", 4, "not both"),
        ("name = 'm'\ntarget = 'a'\npaylod = ''", 3, 'did you mean "payload"?'),
        ("name = ", 1, "is not TOML"),
    ],
)
def test_a_broken_message_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(UserError) as refusal:
        read_message(path)
    assert words in refusal.value.message
    assert refusal.value.line == line


def test_a_project_has_its_own_messages_and_those_of_its_functions(tmp_path: Path) -> None:
    function = files.function(tmp_path, "counter")
    own = save_message(Message("b", "counter"), tmp_path / DIRECTORY)
    of_function = save_message(Message("a", "counter"), function / DIRECTORY)
    (tmp_path / DIRECTORY / "notes.txt").touch()
    assert list(message_files(read([tmp_path], Settings()))) == [own, of_function]


def test_the_documented_message_is_one(tmp_path: Path) -> None:
    documentation = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    path = tmp_path / "m.toml"
    path.write_text(documentation.rpartition("```toml\n")[2].partition("```")[0])
    assert read_message(path) == Message("set count", "counter", payload=b"3")
