"""epaper-display: shows the text that is cast to it on a display of an embedded node. Always played by a stand-in.

What is not UTF-8 is ignored, and so are calls (EDGELESS 1.2, edgeless_embedded).
"""

from __future__ import annotations

from workbench.resources.forms import Field, Form
from workbench.resources.model import Kind, Setting
from workbench.resources.wording import shown


def _decode(payload: bytes, sent_to: bool) -> str | None:
    if not sent_to:
        return None
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return "ignored, for it is no UTF-8"
    return f"shows {shown(text)}" if text else "shows nothing"


KIND = Kind(
    class_type="epaper-display",
    words="shows the text that is cast to it",
    settings=(Setting("header_text", "what is shown at the start; its first 128 bytes"),),
    takes_call=False,
    decode=_decode,
    forms=(Form("what is to be shown", "gets", (Field("text"),), str.encode),),
)
