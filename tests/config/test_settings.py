"""workbench.toml: what it may say, and how its mistakes are told."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.config import (
    FILE_NAME,
    Limits,
    OwnBuild,
    OwnResource,
    Resources,
    Settings,
    faults_in,
    find_settings,
    read_settings,
    settings_for,
)
from workbench.config.shape import MOST_FAULTS
from workbench.errors import UserError

WHOLE = """\
profile = "release"

[limits]
memory = "64MiB"
time = "5s"
mailbox = 10

[journal]
records = 1000
bytes = "1MiB"

[function.blink]
command = ["zig", "build"]
wasm = "out/blink.wasm"
watch = ["../shared"]

[watch]
ignore = ["*.tmp"]
poll = true

[state]
keep = true
directory = "kept"
"""


def _settings(directory: Path, text: str) -> Settings:
    path = directory / FILE_NAME
    path.write_text(text)
    return read_settings(path)


def _refusal(directory: Path, text: str) -> UserError:
    with pytest.raises(UserError) as refusal:
        _settings(directory, text)
    assert refusal.value.path == directory / FILE_NAME
    return refusal.value


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert _settings(tmp_path, "") == Settings(path=tmp_path / FILE_NAME)


def test_every_key_is_understood(tmp_path: Path) -> None:
    settings = _settings(tmp_path, WHOLE)
    assert settings.profile == "release"
    assert settings.limits == Limits(memory_bytes=64 << 20, time_ms=5000, mailbox=10)
    assert (settings.journal.records, settings.journal.bytes) == (1000, 1 << 20)
    assert settings.functions == {"blink": OwnBuild(("zig", "build"), "out/blink.wasm", ("../shared",))}
    assert settings.ignore == ("*.tmp",)
    assert settings.poll
    assert settings.state_directory == tmp_path / "kept"


def test_the_documented_file_says_the_defaults(tmp_path: Path) -> None:
    documentation = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    settings = _settings(tmp_path, documentation.partition("```toml\n")[2].partition("```")[0])
    own = OwnBuild(("zig", "build"), "zig-out/blink.wasm", ("../shared",))
    resources = Resources((tmp_path / ".workbench" / "files",), own={"readings": OwnResource(real=False)})
    assert settings == Settings(path=tmp_path / FILE_NAME, functions={"blink": own}, resources=resources)


def test_no_time_limit_can_be_said(tmp_path: Path) -> None:
    assert _settings(tmp_path, '[limits]\ntime = "none"').limits.time_ms is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('profle = "dev"', 1, 'did you mean "profile"?'),
        ('profile = "realease"', 1, 'did you mean "release"?'),
        ('[resource.x]\nmode = "nonsense"', 2, '"resource.x.mode" must be "real" or "stand-in", not "nonsense"'),
        ('[resource.x]\nmode = "Real"', 2, 'did you mean "real"?'),
        ('[resources]\nhosts = ["a.org", "*"]', 2, '"resources.hosts": "*" means no host; write "example.org"'),
        ('[resources]\nhosts = ["http://a.org"]', 2, '"http://a.org" means no host'),
        ('[resources]\nhosts = ["a*.org"]', 2, '"a*.org" means no host'),
        ('[resources]\nhosts = ["a.org:x"]', 2, '"a.org:x" means no host'),
        ('[resources]\nhosts = [""]', 2, '"" means no host'),
        ("[limits]\n\nmemry = 1", 3, '"limits.memry" is not a key here; did you mean "memory"?'),
        ('[limits]\n# half\nmemory = "lots"', 3, '"lots" is not a size; write it as 64KiB'),
        ('[limits]\ntime = "soon"', 2, '"limits.time": "soon" is not a duration'),
        ("[limits]\nmailbox = 0", 2, '"limits.mailbox" must be a whole number, at least 1'),
        ("[limits]\nmailbox = 99999999999999999999", 2, "too large"),
        ("[limits]\nmailbox = 'x'", 2, '"limits.mailbox" must be a whole number, not text'),
        (f"[watch]\nignore = ['a', '{'[' * 256}']", 2, '"watch.ignore": a pattern of file names has at most 255'),
        ("[state]\nkeep = 1", 2, '"state.keep" must be true or false, not a whole number'),
        ("[function.a]\ncommand = []", 2, '"function.a.command" is empty'),
        ("[function.a]\nwasm = 'a'\n[function.b]\ncomand = ['x']", 4, 'did you mean "command"?'),
        ("[function.a]\ncommand = 'make'", 2, '"function.a.command" must be a list, not text'),
        ("[function]\na.watch = ['x', 1]", 2, '"function.a.watch[1]" must be text'),
        ("[function.a]\nwasm = 'a'\nwatch = ['x', \"y\\u0000\"]", 3, '"function.a.watch" cannot be the name of a file'),
        ("limits.memory = 3", 1, '"limits.memory" must be text, not a whole number'),
        ("limits = { memory = 3 }", 1, '"limits.memory" must be text'),
        ("x = '''\n[limits]\n'''\n[limitz]\n", 1, '"x" is not a key here'),
        ("[watch]\nignore = [\n  'a', # ]\n  'b'\n]\n[limitz]", 6, 'did you mean "limits"?'),
        ("[[limits]]\nmemory = '1B'", 1, '"limits" must be an object, not a list'),
        ("\n\nprofile =", 3, "is not TOML"),
        ('a = "1"\na = "2"', 2, "is not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    error = _refusal(tmp_path, text)
    assert words in str(error)
    assert error.line == line


def test_hosts_are_names_and_addresses_with_or_without_a_port(tmp_path: Path) -> None:
    hosts = ("a.org", "*.a.org:80", "10.0.0.1", "10.0.0.1:80", "::1", "[2001:db8::3]:80", "fe80::1", "bücher.example")
    assert _settings(tmp_path, f"[resources]\nhosts = {list(hosts)}").resources.hosts == hosts


def test_an_unknown_key_like_none_lists_the_known_ones(tmp_path: Path) -> None:
    known = "known here: function, journal, limits, profile, resource, resources, state, watch"
    assert known in str(_refusal(tmp_path, "zebra = 1"))


def test_bytes_that_are_no_text_are_told_with_their_place(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"# fine\n# \xff\n")
    with pytest.raises(UserError, match="not UTF-8") as refusal:
        settings_for([tmp_path])
    assert (refusal.value.line, refusal.value.column) == (2, 3)


def test_a_directory_of_that_name_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(UserError, match="this is a directory"):
        settings_for([tmp_path])


def test_nesting_without_end_is_told(tmp_path: Path) -> None:
    assert "nested too deeply" in str(_refusal(tmp_path, "a = " + "[" * 100_000))


def test_the_nearest_file_above_the_target_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "functions" / "counter"
    deep.mkdir(parents=True)
    (tmp_path / FILE_NAME).touch()
    assert find_settings([deep]) == tmp_path / FILE_NAME
    (deep.parent / FILE_NAME).touch()
    assert find_settings([deep]) == deep.parent / FILE_NAME
    assert find_settings([deep / "counter.wasm"]) == deep.parent / FILE_NAME


def test_a_repository_ends_the_search(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert find_settings([tmp_path / "repository"]) is None
    assert settings_for([tmp_path / "repository"]) == Settings()


def test_the_home_directory_ends_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / FILE_NAME).touch()
    (tmp_path / "home" / "work").mkdir(parents=True)
    assert find_settings([tmp_path / "home" / "work"]) is None


_WORDS = st.sampled_from(
    ["profile", "limits", "memory", "time", "mailbox", "function", "command", "watch", "keep", "a b"]
)
_VALUES = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text().map(repr),
    st.sampled_from(['"dev"', '"5s"', '"1MiB"', "[]", "{}"]),
)
_LINES = st.one_of(
    st.tuples(_WORDS, _VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    _WORDS.map(lambda word: f"[{word}]"),
    st.tuples(_WORDS, _WORDS).map(lambda pair: f"[{pair[0]}.{pair[1]}]"),
    st.text(),
)


@given(st.one_of(st.lists(_LINES).map("\n".join).map(str.encode), st.binary()))
def test_whatever_the_file_holds_it_is_settings_or_a_sentence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / FILE_NAME
        path.write_bytes(content)
        with contextlib.suppress(UserError):
            assert read_settings(path).path == path


def test_all_that_is_wrong_is_told_with_the_first_as_the_reading_tells_it(tmp_path: Path) -> None:
    path = tmp_path / "workbench.toml"
    path.write_text(
        'profle = "dev"\n[limits]\nmemory = 3\nmemry = "1MiB"\nmailbox = 0\n'
        "[function.a]\ncommand = 'make'\nwatch = [1, 'x', 2]\n[state]\nkeep = 'yes'\n"
    )
    found = faults_in(path)
    told = sorted((error.line or 0, error.message.split('"')[1]) for error in found)
    assert told == [
        (1, "profle"),
        (3, "limits.memory"),
        (4, "limits.memry"),
        (5, "limits.mailbox"),
        (7, "function.a.command"),
        (8, "function.a.watch[0]"),
        (8, "function.a.watch[2]"),
        (10, "state.keep"),
    ]
    with pytest.raises(UserError) as first:
        read_settings(path)
    assert str(first.value) == str(found[0])


@pytest.mark.parametrize(
    ("text", "words"), [("[limits", "is not TOML"), ('[limits]\nmemory = "lots"', "is not a size"), ("", None)]
)
def test_what_is_wrong_beyond_the_shape_is_told_too(tmp_path: Path, text: str, words: str | None) -> None:
    path = tmp_path / "workbench.toml"
    path.write_text(text)
    found = faults_in(path)
    assert [words in error.message for error in found if words] == [True] * bool(words)
    assert bool(found) == bool(words)


_NAMED = (
    "profile",
    "limits",
    "memory",
    "mailbox",
    "function",
    "a",
    "command",
    "watch",
    "ignore",
    "poll",
    "resource",
    "mode",
    "x",
)
_GIVEN = (
    "1",
    "-1",
    "true",
    "'dev'",
    "'stand-in'",
    "[]",
    "[1, 'a']",
    "['a', []]",
    "{}",
    "{memory = 1}",
    "{a = {x = 1}}",
)


@given(
    st.lists(st.tuples(st.lists(st.sampled_from(_NAMED), min_size=1, max_size=3), st.sampled_from(_GIVEN)), max_size=5)
)
def test_something_is_told_exactly_where_the_reading_fails(lines: list[tuple[list[str], str]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / FILE_NAME
        path.write_text("".join(f"{'.'.join(key)} = {value}\n" for key, value in lines))
        found = [str(error) for error in faults_in(path)]
        assert len(found) == len(set(found)) or len(found) < MOST_FAULTS
        read = None
        with contextlib.suppress(UserError):
            read = read_settings(path)
        assert (read is None) == bool(found)
