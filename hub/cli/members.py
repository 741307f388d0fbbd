"""`hub member` and `hub token`: the operator at the host's shell."""

from datetime import timedelta

import click

from hub.agreeing import agreed
from hub.cli.home import home_option, the_hub, whoever
from hub.roles import ROLES, Act, shell
from hub.services import membership
from hub.services.membership import Reading, Wanted
from schemas import instant

OPERATOR = shell("shell")


@click.group()
def member() -> None:
    """Organisations, and what they may read."""


@member.command()
@home_option
@click.argument("name")
def add(home: str | None, name: str) -> None:
    """Add an organisation; prints its id."""
    hub = the_hub(home)
    made = hub.store.write(lambda db: membership.add(db, Act(OPERATOR, hub.clock()), name))
    click.echo(made.id)


@member.command("list")
@home_option
def list_members(home: str | None) -> None:
    """List organisations with the audiences they may read."""
    hub = the_hub(home)
    with hub.store.reading() as db:
        found = membership.listed(db, "", 10_000)
    for one in found:
        grants = ", ".join(f"{given.audience} until {given.expires_at:%Y-%m-%d}" for given in one.grants)
        state = "approved" if one.organisation.approved_at else "not approved"
        click.echo(f"{one.organisation.id}  {one.organisation.name}  {state}  {grants or 'reads nothing'}")


@member.command()
@home_option
@click.argument("organisation")
@click.argument("audience")
@click.option("--until", help="the last instant, such as 2027-06-30")
@click.option("--days", type=click.IntRange(1, 1095), default=365, show_default=True, help="if --until is not given")
def grant(home: str | None, organisation: str, audience: str, until: str | None, days: int) -> None:
    """Let an organisation (id or name) read the feed of an audience."""
    hub = the_hub(home)
    try:
        end = instant.read(until).at if until else hub.clock() + timedelta(days=days)
    except ValueError as wrong:
        message = f"--until {wrong}"
        raise click.UsageError(message) from None
    known = {feed.audience for feed in hub.feeds()}
    given = hub.store.write(
        lambda db: membership.grant(db, Act(OPERATOR, hub.clock()), organisation, Reading(audience, end), known)
    )
    click.echo(f"{organisation} reads {given.audience} until {given.expires_at:%Y-%m-%d}")


@click.group()
def token() -> None:
    """Tokens of organisations."""


@token.command()
@home_option
@click.argument("organisation")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(list(ROLES)), help="may be repeated")
@click.option("--label", default="", help="what it is for")
@click.option("--person", default="", help="who will hold it, by name: what takes two people asks for two names")
@click.option("--days", type=click.IntRange(1, 365), default=365, show_default=True)
def issue(home: str | None, organisation: str, roles: tuple[str, ...], label: str, person: str, days: int) -> None:
    """Issue a token for an organisation (id or name); prints it, once. An analyst's or operator's takes two people."""
    hub = the_hub(home)
    act, wanted = Act(whoever(hub), hub.clock()), Wanted(roles, label, days, person=person)
    why = f"a token of {', '.join(roles)} for {person or organisation}"
    made = agreed(hub, act, why, lambda db: membership.issue(db, act, organisation, wanted))
    click.echo(made.text)


@token.command()
@home_option
@click.argument("token_id")
@click.option(
    "--grace-days", type=click.IntRange(0, 365), default=7, show_default=True, help="how long the old one lives on"
)
def rotate(home: str | None, token_id: str, grace_days: int) -> None:
    """Issue a token's successor; prints it, once. Of an analyst or operator other than you it takes two people."""
    hub = the_hub(home)
    act = Act(whoever(hub), hub.clock())
    why = f"a successor of token {token_id}"
    made = agreed(hub, act, why, lambda db: membership.rotate(db, act, token_id, grace_days=grace_days))
    click.echo(made.text)


@token.command()
@home_option
@click.argument("token_id")
def revoke(home: str | None, token_id: str) -> None:
    """End a token at once."""
    hub = the_hub(home)
    hub.store.write(lambda db: membership.revoke(db, Act(OPERATOR, hub.clock()), token_id))
    click.echo(f"revoked {token_id}")


@token.command("list")
@home_option
@click.argument("organisation")
def list_tokens(home: str | None, organisation: str) -> None:
    """List the tokens of an organisation (id or name), never their text."""
    hub = the_hub(home)
    with hub.store.reading() as db:
        found = membership.listed_tokens(db, organisation)
    for one in found:
        state = "revoked" if one.revoked_at else f"until {one.expires_at:%Y-%m-%d}"
        click.echo(f"{one.id}  {one.roles}  {state}  {one.person}  {one.label}")
