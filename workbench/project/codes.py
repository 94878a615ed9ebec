"""The codes of what can be wrong, or worth a look, in a project's files; docs/checks.md tells each."""

from __future__ import annotations

from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "hint"]
"""error: it cannot run, here or on the platform. warning: it does other than it says. hint: worth knowing."""

CheckCode: TypeAlias = Literal[
    # reading the files
    "bad-target",
    "settings",
    "unreadable",
    "byte-order-mark",
    "wrong-shape",
    "unknown-key",
    "repeated-key",
    # functions
    "bad-id",
    "no-source",
    "guest-crate",
    "toolchain",
    "container",
    "duplicate-id",
    "name-taken",
    "unknown-function-setting",
    "unknown-resource-setting",
    "several-workflows",
    # a workflow's components
    "empty-name",
    "duplicate-name",
    "no-code",
    "code-missing",
    "code-not-regular",
    "code-not-built",
    "not-wasm",
    "cannot-start",
    "state-never-read",
    "too-many-functions",
    "version-differs",
    "outputs-differ",
    # channels
    "unknown-component",
    "undeclared-channel",
    "unmapped-output",
    "self-channel",
    "deaf-target",
    "cycle",
    # annotations
    "unknown-annotation",
    "unread-annotation",
    "ignored-value",
    "bad-node-id",
    # resources
    "unknown-class",
    "missing-setting",
    "unknown-setting",
    "bad-setting",
    "not-allowed",
    "no-directory",
    "no-real-part",
    "switched-on",
    "no-such-output",
    "unmapped-resource",
    "resource-match-all",
]
