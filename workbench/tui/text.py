"""Untrusted text made safe to show: control characters become visible escapes, long things become previews."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.ansi import AnsiDecoder
from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from workbench.units import format_duration, format_size

_UNSAFE_RANGES = (
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF9, 0xFFFB),
    (0x1F1E6, 0x1F1FF),
    (0x1F3FB, 0x1F3FF),
    (0xE0000, 0xE007F),
)
"""Controls (C0, C1), line separators, surrogates, what changes the direction, is invisible or changes a width (how many
cells flags and emoji of a skin colour take differs from terminal to terminal): code points, first and last."""
_UNSAFE = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _UNSAFE_RANGES)}]")
_UNSAFE_IN_LINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_ESCAPES = re.compile(
    "(?P<colour>\x1b\\[[0-9;]{0,64}m)"
    "|\x1b(?:\\][^\x07\x1b]*+(?:\x07|\x1b\\\\)|\\[[0-?]*+[ -/]*+[@-~]|[(@-Z\\\\^_])|\x1b"
)
"""Escape sequences: colours, which are kept; whole others, such as links and movements; and what is none at all."""
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
    """`line` with as many characters, each that a terminal would act on as a picture of one cell (`␛`), tabs too."""
    return line if line.isascii() and line.isprintable() else _UNSAFE.sub(_picture, line)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    return (
        chr(0x2400 + code) if code < 0x20 else "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
    )


_HIDDEN = {
    chr(code): chr(0xD800 + number)
    for number, code in enumerate(
        code
        for first, last in _UNSAFE_RANGES
        if first != 0xD800
        for code in range(first, last + 1)
        if chr(code) not in "\t\n"
    )
}
"""A lone surrogate for each unsafe character, but for tabs and line ends."""
_HIDE = str.maketrans(_HIDDEN)
_UNHIDE = str.maketrans({hidden: character for character, hidden in _HIDDEN.items()})
_PICTURES = str.maketrans({hidden: pictured(character) for character, hidden in _HIDDEN.items()})


def hidden(text: str) -> str:
    """`text` with each unsafe character, but tabs and line ends (`\\n`), as a lone surrogate.

    Surrogates are one cell wide, end no line and stand in no valid text: what measures and cuts the result (a text
    area) finds what is drawn of it, and `unhidden` gives the text back to the letter.
    """
    return text.translate(_HIDE)


def unhidden(text: str) -> str:
    """The text of which `hidden` made this."""
    return text.translate(_UNHIDE)


def pictures_of_hidden(text: str) -> str:
    """What `hidden` gave, with a picture (`␛`) for each surrogate."""
    return text.translate(_PICTURES)


def decode(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 shows as `\\xff` escapes."""
    return data.decode("utf-8", "backslashreplace")


def preview(content: bytes | str, limit: int) -> str:
    """One safe line of `limit` cells at most, cut before decoding; it ends in `…` and, with room, the size."""
    if isinstance(content, str):
        head = content[:limit]
        whole = len(head) == len(content)
    else:
        data = content[: limit * 4]
        whole = len(data) == len(content)
        head = decode(data if whole else data[: _whole_characters(data)])
    shown = visible(head)
    if whole and (len(shown) <= limit if shown.isascii() else cell_len(shown) <= limit):
        return shown
    ending = f"… {format_size(utf8_size(content))}" if limit >= ROOM_FOR_SIZE else "…"
    room = max(1, limit - len(ending))
    return (shown[:room] if shown.isascii() else set_cell_size(shown, min(room, cell_len(shown)))) + ending


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
    lines = [tuple(_coloured(line)) for line in AnsiDecoder().decode(_ESCAPES.sub(_colour, rendered))]
    while lines and not any(part.strip() for part, _ in lines[-1]):
        lines.pop()
    return lines


def _colour(found: re.Match[str]) -> str:
    """The sequence if it is one of colours, nothing for another one; what is none shows as an escape."""
    return found["colour"] or ("\\x1b" if found[0] == "\x1b" else "")


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
