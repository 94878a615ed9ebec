"""Records in words: whatever a record may say has some."""

from __future__ import annotations

from typing import get_args

import pytest

from workbench.records import Change, DropReason
from workbench.tui.panes.said import change_words


@pytest.mark.parametrize("reason", [None, *get_args(DropReason)])
def test_every_reason_to_drop_a_message_has_words(reason: DropReason | None) -> None:
    words = change_words(Change(3, 1.0, "log", None, 2, "dropped", reason=reason))
    assert any(word in words for word in ("dropped", "lost"))
