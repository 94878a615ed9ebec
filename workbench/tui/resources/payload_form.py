"""A payload as a form: the fields of a resource's message, which fill the composer's payload as they are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label, Select, Static

from workbench.errors import UserError
from workbench.resources.forms import Form, filled
from workbench.resources.model import Kind
from workbench.session.view import View
from workbench.tui.resources.words import kind_of
from workbench.tui.safe_input import SafeInput
from workbench.tui.text import visible


def forms_for(view: View, answerer: str | None, source: str, target: str) -> tuple[Form, ...]:
    """The forms of a message: of an answer where a call at `answerer` is answered, else from `source` to `target`."""
    for name, role in ((answerer, "answers"),) if answerer else ((source, "sends"), (target, "gets")):
        kind = _kind(name or "", view)
        if kind is not None and (found := tuple(form for form in kind.forms if form.role == role)):
            return found
    return ()


def samples_for(view: View, speaker: str) -> Mapping[str, bytes]:
    """What the resource called `speaker`, if there is one, says."""
    kind = _kind(speaker, view)
    return {} if kind is None else kind.samples


def _kind(name: str, view: View) -> Kind | None:
    resource = view.named.get(name)
    return None if resource is None else kind_of(resource, view.project)


class PayloadForm(Vertical):
    """A row: which message, and its fields; below it, what is wrong with them. Away where there is none to fill in."""

    class Filled(Message):
        """The fields make this payload."""

        def __init__(self, payload: bytes) -> None:
            super().__init__()
            self.payload = payload

    def __init__(self) -> None:
        super().__init__()
        self._forms: tuple[Form, ...] = ()
        self._at = 0
        self._typed: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """Which form, if there are several, and its fields."""
        if not self._forms:
            return
        form = self._forms[self._at]
        with Horizontal():
            if len(self._forms) > 1:
                options = [(Content(visible(one.words)), at) for at, one in enumerate(self._forms)]
                yield Select[int](options, value=self._at, allow_blank=False, compact=True)
            else:
                yield Label(Content(visible(form.words)))
            for field, text in zip(form.fields, self._typed, strict=True):
                yield Label(Content(visible(field.name)))
                yield SafeInput(text, placeholder=field.kind if field.kind != "text" else "")
        yield Static("", id="fault")

    def offer(self, forms: tuple[Form, ...]) -> None:
        """Offer these, the first one chosen. Cheap when they are those that are there."""
        if forms != self._forms:
            self._forms = forms
            self.set_class(bool(forms), "-shown")
            self._choose(0)

    def _choose(self, at: int) -> None:
        self._at = at
        self._typed = tuple(field.first for field in self._forms[at].fields) if self._forms else ()
        self.refresh(recompose=True)

    def _tell(self, typed: Sequence[str]) -> None:
        self._typed, fault = tuple(typed), ""
        try:
            self.post_message(self.Filled(filled(self._forms[self._at], typed)))
        except UserError as error:
            fault = f"✖ {error}"
        for label in self.query("#fault").results(Static):
            label.update(Content.styled(visible(fault), "$error"))
            label.display = bool(fault)

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, int) and event.value != self._at:
            self._choose(event.value)
            self._tell(self._typed)

    @on(Input.Changed)
    @on(Input.Submitted)
    def _changed(self, event: Input.Changed | Input.Submitted) -> None:
        event.stop()
        typed = tuple(field.value for field in self.query(Input))
        entered = isinstance(event, Input.Submitted)
        if len(typed) == len(self._forms[self._at].fields) and (entered or typed != self._typed):
            self._tell(typed)
