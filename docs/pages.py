"""The pages that are made from data: docs/checks.md from the entries of codes, docs/conformance.md from the tests,
docs/keys.md from the table of actions and what panes bind.

Run it from the source tree: `make pages`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import tomli

from workbench.checks.entries import entries
from workbench.tui.action import GROUP_TITLES
from workbench.tui.actions import ACTIONS
from workbench.tui.keymap import typed_by
from workbench.tui.local_keys import LOCAL

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MARKER = "conformance"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of docs/conformance.toml; `why` where the workbench differs on purpose."""

    title: str
    platform: str
    workbench: str
    kind: Literal["same", "noted", "different"]
    why: str | None = None


@dataclass(frozen=True)
class Shown:
    """A test that is marked with rules: its file, from the root on, its name and line."""

    rules: tuple[str, ...]
    path: Path
    name: str
    line: int


SECTIONS = {
    "Surprises": "Behaviours that surprise",
    "ABI": "Guest and host",
    "Semantics": "Messages, time and state",
    "Workflows": "Workflow files",
    "Resources": "Resources",
}


def rules() -> Mapping[str, Mapping[str, Rule]]:
    """The rules by section and id."""
    content = tomli.loads((DOCS / "conformance.toml").read_text(encoding="utf-8"))
    return msgspec.convert(content, dict[str, dict[str, Rule]])


def marked() -> list[Shown]:
    """All tests that are marked, by file and line."""
    return [shown for path in sorted((ROOT / "tests").rglob("test_*.py")) for shown in _marked_in(path)]


def conformance() -> str:
    """The text of docs/conformance.md."""
    shown: dict[str, list[Shown]] = {}
    for test in marked():
        for rule in test.rules:
            shown.setdefault(rule, []).append(test)
    lines = [_CONFORMANCE.strip(), ""]
    for section, found in rules().items():
        lines += [f"## {SECTIONS[section]}", ""]
        for name, rule in found.items():
            lines += [*_rule(name, rule, shown.get(name, [])), ""]
    return "\n".join(lines).rstrip() + "\n"


def checks() -> str:
    """The text of docs/checks.md."""
    findings = [entry for entry in entries().values() if entry.kind != "note"]
    notes = [entry for entry in entries().values() if entry.kind == "note"]
    lines = [_CHECKS.strip(), "", "## What is found", ""]
    lines += _table(("code", "kind", "when", "what to do"), ((e.code, e.kind, e.words, e.remedy) for e in findings))
    lines += ["", "## Notes of a session", "", _NOTES.strip(), ""]
    lines += _table(("code", "when", "what to do"), ((e.code, e.words, e.remedy) for e in notes))
    return "\n".join(lines) + "\n"


def keys() -> str:
    """The text of docs/keys.md."""
    lines = [_KEYS.strip(), ""]
    for group, title in GROUP_TITLES.items():
        lines += [f"## {title}", "", "| key | does | name |", "|---|---|---|"]
        lines += [_key(each.keys, each.help, each.id) for each in ACTIONS if each.group == group]
        lines.append("")
    lines += ["## In a pane", "", "Moving, in every pane; what single panes have; and what is typed into.", ""]
    lines += ["| key | does | name |", "|---|---|---|"]
    lines += [_key(each.key.split(","), each.description, name) for name, each in LOCAL.items()]
    return "\n".join(lines).rstrip() + "\n"


def _key(bound: Iterable[str], does: str, name: str) -> str:
    return f"| {', '.join(f'`{_shown(key)}`' for key in bound)} | {does.replace('|', chr(92) + '|')} | `{name}` |"


def _shown(key: str) -> str:
    """A key as one writes it in a keymap: `?` for `question_mark`."""
    return (typed_by(key) or "").strip() or key


PAGES = {DOCS / "checks.md": checks, DOCS / "conformance.md": conformance, DOCS / "keys.md": keys}


def _rule(name: str, rule: Rule, shown: list[Shown]) -> Iterator[str]:
    yield f"### {name}: {rule.title}"
    yield ""
    yield f"- **Platform.** {rule.platform}"
    yield f"- **Workbench** ({rule.kind}). {rule.workbench}"
    if rule.why:
        yield f"- **Why.** {rule.why}"
    tests = ", ".join(f"[{test.name}](../{test.path})" for test in shown)
    yield f"- **Shown by** {tests}"


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for code, *rest in rows:
        yield " | ".join([f"| `{code}`", *(text.replace("|", "\\|") for text in rest)]) + " |"


def _marked_in(path: Path) -> Iterator[Shown]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            named = tuple(name for decorator in node.decorator_list for name in _named(decorator))
            if named:
                yield Shown(named, path.relative_to(ROOT), node.name, node.lineno)


def _named(decorator: ast.expr) -> Iterator[str]:
    """The rules that `@pytest.mark.conformance(...)` names."""
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{MARKER}":
        for argument in decorator.args:
            yield ast.literal_eval(argument)


_CONFORMANCE = """
# Conformance

What EDGELESS 1.2 does, what the workbench does, and the tests that show it. *Same*: no difference is meant. *Noted*:
the same, and a note, a finding of `workbench check` or a sentence on the screen says so where it would surprise.
*Different*: on purpose, and why.

This page is written by `docs/pages.py` from `docs/conformance.toml` and the tests' markers.
"""

_CHECKS = """
# What `workbench check` finds

`workbench check TARGET …` reads workflows, `function.json` and `workbench.toml` files and looks at the `.wasm` files
that are there. It builds nothing and runs no handler. Each finding is one line on standard output, but
hints that repeat one cause, such as the unmapped outputs of one function, share one (`--all` gives each its own):

```
workflow.json:16:5: hint: a circle: a → a; casts may go round it for ever, and calls would never end [cycle]
```

An *error* cannot run, here or on the platform. A *warning* does other than it says. A *hint* is worth knowing. Standard
error has one line that counts them. The exit status is 0 where no error was found, 1 where one was, 2 where the command
line or a target is wrong; a `workbench.toml` or `function.json` that is wrong is found as anything else. Of several
targets each is looked at by itself, and so is each workflow of a directory that has several.

`workbench check --explain CODE` says what a code means: what the platform does, what the workbench does, what to do.
Without CODE it lists all of them.

This page is written by `docs/pages.py`.
"""

_NOTES = """
A note remarks, while functions run, that something here differs from the platform, or would hurt there.
[Conformance](conformance.md) has the rules behind them.
"""


_KEYS = """
# Keys

Every key below can be changed in `keymap.toml` in the config directory (`~/.config/edgeless-workbench` on Linux), by
the name in the last column; a key, or a list of them:

```toml
rebuild = "ctrl+r"
help = ["?", "f1", "f2"]
"pane.down" = ["down", "ctrl+n"]
```

What is remapped takes its key from what has it by default. In a pane, that pane's own keys come first. The file is
taken up while the workbench runs; what is wrong with it is told on the screen, with its line, and the rest holds. Only
the keys of dialogs (`Escape`, `Enter`, and those they show) and of the fields of forms are fixed.

This page is made from the same table as the help (`?`) and the palette (`ctrl+p`): `make pages`.
"""

if __name__ == "__main__":
    for page, written in PAGES.items():
        page.write_text(written(), encoding="utf-8")
