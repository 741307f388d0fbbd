"""Who may call a route: its policy, named at its handler, checked before the handler runs.

1. No route without a policy: the application does not start with one.
2. Who lacks the capability gets the same answer as for something that does not exist.
3. A demo token works on loopback only, and not behind a proxy.
4. Whose a token is may be up to two seconds old (`web.credentials`).
5. A process that is not the whole hub grants only the capabilities of its faces (`hub/faces.py`).
6. Who is known is counted against its allowance, whatever it asks for (`web.limits`).
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from flask import Flask, current_app, g, has_request_context, request

from hub import faces
from hub.errors import NotFound, Unauthenticated
from hub.roles import Act, Caller, Capability
from hub.web.credentials import Credentials
from hub.web.limits import Purse, kind_of
from hub.wiring import Hub

View = TypeVar("View", bound=Callable[..., Any])
MISSING = "send a token as `Authorization: Bearer <token>`, or as the password of HTTP Basic"


@dataclass(frozen=True)
class Policy:
    """Open to all, to every valid token, or to those with any of some capabilities."""

    is_public: bool = False
    capabilities: frozenset[Capability] = frozenset()


PUBLIC = Policy(is_public=True)
AUTHENTICATED = Policy()


def policy(rule: Policy) -> Callable[[View], View]:
    """Name the policy of a route."""

    def mark(view: View) -> View:
        view.policy = rule  # type: ignore[attr-defined]
        return view

    return mark


def needs(*capabilities: Capability) -> Callable[[View], View]:
    """Name a policy that asks for any of some capabilities."""
    return policy(Policy(capabilities=frozenset(capabilities)))


class Unguarded(RuntimeError):
    """A route has no policy: the hub does not start."""


def guard(app: Flask) -> None:
    """Check every request against its route's policy; raises Unguarded for a route without one."""
    bare = sorted({rule.rule for rule in app.url_map.iter_rules() if _policy(app, rule.endpoint) is None})
    if bare:
        message = f"routes without a policy: {', '.join(bare)}"
        raise Unguarded(message)
    app.before_request(_check)


def _policy(app: Flask, endpoint: str) -> Policy | None:
    return getattr(app.view_functions[endpoint], "policy", None)


def _check() -> None:
    if request.endpoint is None:
        if f"{request.path}/".startswith("/taxii2/"):
            _caller()  # TAXII 2.1, 1.6.9: 401 for who is not known, whatever the path and method
        return  # no such route: Flask answers 404 by itself
    rule = _policy(current_app, request.endpoint)
    if rule is None:
        raise Unguarded(request.endpoint)
    if rule.is_public:
        return
    g.caller = _caller()
    purse: Purse = current_app.extensions["purse"]
    purse.spend(g.caller, kind_of(request.method, str(request.url_rule), rule.capabilities))
    if rule.capabilities and not g.caller.may(*rule.capabilities):
        g.is_refused = True  # counted (`web.refusals`); the answer is that of a thing that is not there
        raise NotFound


def _caller() -> Caller:
    text = _token()
    if text is None:
        raise Unauthenticated(MISSING)
    found = known_credentials().caller(text, _is_local)
    here = _granted_here(the_hub().config.faces)
    return found if found.capabilities <= here else replace(found, capabilities=found.capabilities & here)


_granted_here = lru_cache(maxsize=16)(faces.capabilities)


def known_credentials() -> Credentials:
    """What this process knows of tokens; to be forgotten after a change of tokens or grants is committed."""
    found: Credentials = current_app.extensions["credentials"]
    return found


def _token() -> str | None:
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "token"}:  # taxii2-client's TokenAuth says Token
        return rest.strip() or None
    if scheme.lower() == "basic" and request.authorization is not None:
        return request.authorization.password or None
    return None


def _is_local() -> bool:
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    return _is_loopback(request.remote_addr or "")


@lru_cache(maxsize=64)
def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def the_hub() -> Hub:
    """The hub that this application serves."""
    hub: Hub = current_app.extensions["hub"]
    return hub


def organisation() -> str:
    """Whose request is being answered: what the database shows a limited role is that organisation's. Else nobody's."""
    return g.caller.organisation_id if has_request_context() and "caller" in g else ""


def act() -> Act:
    """Who made this request, and when."""
    return Act(caller(), the_hub().clock())


def caller() -> Caller:
    """Who made this request."""
    found: Caller = g.caller
    return found
