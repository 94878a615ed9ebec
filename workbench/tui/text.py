"""Untrusted text made safe to show: control characters become visible escapes, long things become previews."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.ansi import AnsiDecoder
from rich.style import Style
from rich.text import Text

from workbench.units import format_duration, format_size

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Controls (C0, C1), line separators, surrogates, what changes the direction, is invisible or changes a width."""
_UNSAFE_IN_LINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_LINKS = re.compile("\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)")
ROOM_FOR_SIZE = 24
"""Characters from which on a preview that is cut has room to say the whole size."""
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """`text` on one line, with each character that a terminal would act on, or hide, as an escape (`\\n`, `\\x1b`)."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_escape, text)


def visible_lines(text: str) -> str:
    """Like `visible`, but keeps line ends (`\\n`) and makes tabs four spaces."""
    return _UNSAFE_IN_LINES.sub(_escape, text.replace("\r\n", "\n").replace("\t", "    "))


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def pictured(line: str) -> str:
    """`line` with as many characters, each that a terminal would act on as a picture (`␛`); tabs stay."""
    if line.isprintable() and not _UNSAFE.search(line):
        return line
    return "".join(
        one if one == "\t" or (one.isprintable() and not _UNSAFE.match(one)) else _picture(one) for one in line
    )


def _picture(character: str) -> str:
    code = ord(character)
    return (
        chr(0x2400 + code) if code < 0x20 else "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
    )


def decode(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 shows as `\\xff` escapes."""
    return data.decode("utf-8", "backslashreplace")


def preview(content: bytes | str, limit: int) -> str:
    """One safe line of about `limit` characters, cut before decoding; it ends in `…` and, with room, the size."""
    if isinstance(content, str):
        head = content[:limit]
        whole = len(head) == len(content)
    else:
        data = content[: limit * 4]
        whole = len(data) == len(content)
        head = decode(data if whole else data[: _whole_characters(data)])
    shown = visible(head)
    if whole and len(shown) <= limit:
        return shown
    ending = f"… {format_size(utf8_size(content))}" if limit >= ROOM_FOR_SIZE else "…"
    return shown[: max(1, limit - len(ending))] + ending


def utf8_size(content: bytes | str) -> int:
    """How many bytes `content` is, or would be as UTF-8."""
    return len(content) if isinstance(content, bytes) or content.isascii() else len(content.encode(errors="replace"))


def _whole_characters(data: bytes) -> int:
    """The length of `data` without the UTF-8 character that a cut left incomplete at its end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if length > back else len(data)
        if byte < 0x80:
            break
    return len(data)


def compiler_text(rendered: str) -> list[tuple[tuple[str, Style], ...]]:
    """The compiler's coloured text as lines of safe parts: colours stay, links and other escape sequences do not."""
    lines = [tuple(_coloured(line)) for line in AnsiDecoder().decode(_LINKS.sub("", rendered))]
    while lines and not any(part.strip() for part, _ in lines[-1]):
        lines.pop()
    return lines


def _coloured(line: Text) -> Iterator[tuple[str, Style]]:
    done = 0
    for span in line.spans:  # the decoder's spans follow one another
        if span.start > done:
            yield visible_lines(line.plain[done : span.start]), Style.null()
        style = span.style if isinstance(span.style, Style) else Style.null()
        yield visible_lines(line.plain[span.start : span.end]), style.update_link(None)
        done = span.end
    if done < len(line.plain):
        yield visible_lines(line.plain[done:]), Style.null()


def duration_words(ms: float) -> str:
    """A duration in words, also a very short one: `12 µs`, `0.4 ms`, `1.20 s`."""
    return f"{ms * 1000:.0f} µs" if ms < 0.0995 else format_duration(ms)


def rate_words(rate: float) -> str:
    """How often something happens, `rate` being per second: `12/s`, `4/min`; empty for hardly ever."""
    if rate >= 0.95:
        return f"{rate:,.0f}/s"
    a_minute = round(rate * 60)
    return f"{a_minute}/min" if a_minute else ""


def clock(ms: float, *, padded: bool = False) -> str:
    """A moment of the session: `4.318`, `12:04.318`, `1:02:04.318`; `padded` with minutes in any case: `00:04.318`."""
    seconds, rest = divmod(int(ms), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}.{rest:03}"
    if padded:
        return f"{minutes:02}:{seconds:02}.{rest:03}"
    return f"{minutes}:{seconds:02}.{rest:03}" if minutes else f"{seconds}.{rest:03}"


def clock_column(ms: float, wide: bool) -> str:
    """A moment for a column, nine cells wide, or seven, where what has no room is its end: `  4.318`, `2:04.31`,
    `12:04.3`, `1h02:04`."""
    if wide:
        return f"{clock(ms)[-9:]:>9}"
    minutes, rest = divmod(int(ms), 60_000)
    if minutes >= 60:
        return f"{minutes // 60}h{minutes % 60:02}:{rest // 1000:02}"[:7]
    return clock(ms)[:7].rjust(7)
