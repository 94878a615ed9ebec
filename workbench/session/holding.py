"""Holding: who starts together. A workflow's instances start in the file's order, once the code of all is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from workbench.project.model import InstancePlan, StandInPlan
from workbench.session.actors import Instance

Company: TypeAlias = Path | None
"""Those that start together: a workflow's instances by its file; None: all of a session, or who is of no workflow."""

Token: TypeAlias = tuple[Literal["code", "end", "state"], str]
"""What is waited for: the code of a function; of an instance, the end of its life before, or the state it left."""

Awaited: TypeAlias = Mapping[Company, frozenset[Token]]


class Holding:
    """Companies that have not started, and what each waits for. `all_together`: there is only one company."""

    def __init__(self, all_together: bool) -> None:
        self._all_together = all_together
        self._awaited: dict[Company, set[Token]] = {}

    @property
    def awaited(self) -> Awaited:
        """What each company waits for now."""
        return {company: frozenset(tokens) for company, tokens in self._awaited.items()}

    def take_over(self, awaited: Awaited) -> None:
        """Wait for what was waited for then."""
        self._awaited = {company: set(tokens) for company, tokens in awaited.items()}

    def company(self, one: Instance | InstancePlan | StandInPlan) -> Company:
        """With whom it starts, or, of a resource, after whom."""
        return None if self._all_together else one.workflow

    def companies(self, plans: Iterable[InstancePlan]) -> Mapping[Company, set[str]]:
        """Those that are to start together, with the functions they need."""
        found: dict[Company, set[str]] = {}
        for plan in plans:
            if self._all_together or plan.workflow is not None:
                found.setdefault(self.company(plan), set()).add(plan.function)
        return found

    def holds(self, one: Instance | InstancePlan | StandInPlan) -> bool:
        """Whether it is not to start yet."""
        return self.company(one) in self._awaited

    def waits(self, company: Company) -> bool:
        """Whether the company has not started."""
        return company in self._awaited

    def ends(self, company: Company) -> set[Token]:
        """The ends of lives that the company waits for."""
        return {token for token in self._awaited.get(company, ()) if token[0] == "end"}

    def hold(self, company: Company, tokens: Iterable[Token]) -> bool:
        """Let the company wait for just these; False when that is nothing, so that it may start now."""
        awaited = set(tokens)
        if awaited:
            self._awaited[company] = awaited
        else:
            self._awaited.pop(company, None)
        return bool(awaited)

    def came(self, token: Token) -> list[Company]:
        """It is waited for no more; the companies that may start now."""
        ready = []
        for company, tokens in list(self._awaited.items()):
            tokens.discard(token)
            if not tokens:
                del self._awaited[company]
                ready.append(company)
        return ready
