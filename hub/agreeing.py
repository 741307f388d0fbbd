"""Doing what takes two people: it is done, or proposed, each in a transaction of its own. For every face."""

from collections.abc import Callable
from typing import TypeVar

from hub import agreement
from hub.errors import NotAgreed
from hub.roles import Act
from hub.store import Session
from hub.wiring import Hub

T = TypeVar("T")


def agreed(hub: Hub, act: Act, why: str, work: Callable[[Session], T]) -> T:
    """Do some work in a transaction; where it lacks a second person, propose it and raise NotAgreed, which says so.

    What the work did before it found out is undone; the proposal stays.
    """
    try:
        return hub.store.write(work)
    except NotAgreed as lacking:
        deed = lacking.deed
    with hub.store.writing() as db:
        proposal = agreement.propose(db, act, deed, why)
        told = agreement.told(proposal, act.at)
    raise NotAgreed(told, deed)
