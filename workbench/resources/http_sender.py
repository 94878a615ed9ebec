"""A resource that sends what is cast to it to one server, one message after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from workbench.errors import UserError
from workbench.resources.http_contact import Contact
from workbench.resources.http_loop import Errands, Line, require_aiohttp
from workbench.resources.http_target import Unreachable
from workbench.resources.model import Health, Message, Part, Port
from workbench.resources.standing import Standing
from workbench.resources.urls import origin_of


class Sender:
    """The resource at work. `send` is given each message, on the loop, and uses `client`; `patience_s` is how long an
    exchange of the client's may take. While the output `needs` leads nowhere, nothing is sent. Raises `UserError` when
    the HTTP library is missing."""

    def __init__(
        self,
        part: Part,
        port: Port,
        url: str,
        patience_s: float,
        send: Callable[[Sender, Message], Awaitable[None]],
        needs: str | None = None,
    ) -> None:
        require_aiohttp(part.class_type)
        from workbench.resources.http_client import Client

        self._standing = Standing(port)
        self._contact = Contact(url, part.permits, self._standing)
        self.client = Client(part.permits, patience_s, lambda words: self.tell("trouble", words))
        self.port = port
        self.url = url
        self._class_type = part.class_type
        self._needs = needs
        self._linked = needs is None
        self._errands = Errands(self._broken)
        self._errands.at_end(self.client.close)
        self._line = Line(self._errands, lambda message: send(self, message), self._overflowed)
        self._errands.beside(self._contact.watch)

    def take(self, message: Message) -> None:
        if message.call:
            self.remark(f"{self._class_type} answers no call: on the platform, as here, the caller waits for ever.")
            return
        if not self._linked:
            self.remark(
                f"{self._class_type} does nothing while its output {self._needs} leads nowhere: on the platform, as "
                "here, what is cast to it is lost."
            )
            return
        self._line.take(message)

    def relink(self, outputs: frozenset[str]) -> None:
        self._linked = self._needs is None or self._needs in outputs

    @property
    def busy(self) -> bool:
        """See `Running`."""
        return self._errands.busy

    def close(self) -> None:
        self._errands.close()

    def tell(self, health: Health, words: str) -> None:
        """What came of an exchange with the server."""
        self._contact.tell(health, words)

    def failed(self, error: UserError) -> None:
        """An exchange came to nothing."""
        if isinstance(error, Unreachable):
            self._contact.lost(str(error))
        else:
            self.tell("trouble", str(error))

    def remark(self, remark: str) -> None:
        """Something that would hurt on the platform; made once."""
        self._standing.remark(remark)

    def _overflowed(self, message: Message) -> None:
        self.port.drop(message, "busy")
        self.tell("trouble", f"{origin_of(self.url)} is too slow: what is cast to {self._class_type} now is dropped.")

    def _broken(self, error: Exception) -> None:
        self.tell("trouble", f"A request failed: {error!r}.")
