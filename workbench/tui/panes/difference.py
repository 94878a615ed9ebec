"""What changed from one state to the next: JSON field by field, other text line by line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

from workbench.tui.panes.line import Line, line
from workbench.tui.payloads import json_line, json_parts, laid_out
from workbench.tui.text import visible, visible_lines

COMPARE_LIMIT = 1 << 18
"""Characters up to which two states are compared."""
TEXT_LINES = 2000


def compared(before: str | None, after: str) -> list[Line]:
    """The lines of `after`, with what changed since `before` marked."""
    if before is None or before == after or max(len(before), len(after)) > COMPARE_LIMIT:
        return _plain(after)
    try:
        old, new = json.loads(before), json.loads(after)
    except (ValueError, RecursionError):
        return list(_text_difference(before, after))
    if isinstance(old, dict | list) and type(old) is type(new):
        return list(_node("", old, new, 0, last=True))
    return [_changed("", old, new, 0, "")]


def _plain(state: str) -> list[Line]:
    text = laid_out(state.encode(errors="replace"))
    if text is not None:
        return [json_line(each) for each in text.split("\n")]
    return [line(each) for each in visible_lines(state[:COMPARE_LIMIT]).split("\n")]


def _node(label: str, old: Any, new: Any, depth: int, last: bool) -> Iterator[Line]:
    """Two values of which both are objects, or both are lists."""
    opening, closing = ("{", "}") if isinstance(new, dict) else ("[", "]")
    comma = "" if last else ","
    pairs = _object_pairs(old, new) if isinstance(new, dict) else _list_pairs(old, new)
    indent = "  " * depth
    if not pairs:
        yield line(*json_parts(f"{indent}{label}{opening}{closing}{comma}"))
        return
    yield line(*json_parts(f"{indent}{label}{opening}"))
    for number, (key, olds, news) in enumerate(pairs):
        name = f"{json.dumps(key, ensure_ascii=False)}: " if key is not None else ""
        yield from _pair(name, olds, news, depth + 1, number == len(pairs) - 1)
    yield line(*json_parts(f"{indent}{closing}{comma}"))


def _pair(name: str, olds: list[Any], news: list[Any], depth: int, last: bool) -> Iterator[Line]:
    comma = "" if last else ","
    if not olds:
        yield from _whole(name, news[0], depth, comma, "state--added", "+")
    elif not news:
        yield from _whole(name, olds[0], depth, comma, "state--removed", "-")
    elif olds[0] == news[0] and type(olds[0]) is type(news[0]):
        yield from _whole(name, news[0], depth, comma, None, " ")
    elif isinstance(news[0], dict | list) and type(olds[0]) is type(news[0]):
        yield from _node(name, olds[0], news[0], depth, last)
    else:
        yield _changed(name, olds[0], news[0], depth, comma)


def _object_pairs(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str | None, list[Any], list[Any]]]:
    keys = [*new, *(key for key in old if key not in new)]
    return [(key, [old[key]] if key in old else [], [new[key]] if key in new else []) for key in keys]


def _list_pairs(old: list[Any], new: list[Any]) -> list[tuple[str | None, list[Any], list[Any]]]:
    return [(None, old[at : at + 1], new[at : at + 1]) for at in range(max(len(old), len(new)))]


def _whole(name: str, value: Any, depth: int, comma: str, style: str | None, sign: str) -> Iterator[Line]:
    indent = "  " * depth
    texts = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    for number, text in enumerate(texts):
        start = f"{indent}{name if number == 0 else ''}"
        end = comma if number == len(texts) - 1 else ""
        if style is None:
            yield line(*json_parts(f"{start}{text}{end}"))
        else:
            yield line((f"{sign} ", style), (visible(f"{start}{text}{end}").removeprefix("  "), style))


def _changed(name: str, old: Any, new: Any, depth: int, comma: str) -> Line:
    before, after = (visible(json.dumps(value, ensure_ascii=False)) for value in (old, new))
    start = json_parts(f"{'  ' * depth}{name}")
    change = ((before, "state--before"), ("→", "pane--muted"), (after, "state--changed"))
    return line(*start, *change, (comma, "pane--muted"), hang=2 * depth + 2)


def _text_difference(before: str, after: str) -> Iterator[Line]:
    old, new = (visible_lines(text).split("\n")[:TEXT_LINES] for text in (before, after))
    for entry in difflib.ndiff(old, new) if len(old) * len(new) < 40_000 else difflib.unified_diff(old, new, n=3):
        sign = entry[:1]
        if sign == "?":
            continue
        style = {"+": "state--added", "-": "state--removed"}.get(sign, "")
        yield line((entry.rstrip("\n"), style))
