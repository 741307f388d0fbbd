"""`hub erase` and `hub retention`: destroying reports, by hand with a second person, or by rule."""

from typing import TYPE_CHECKING

import click

from hub.cli.home import home_option, the_hub, whoever

if TYPE_CHECKING:
    from hub.store.tables import Erasure

WHY = "why, in 10 to 500 characters; it is kept in the record and the audit"
LEAST, MOST = 10, 500


def _said(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    del ctx, param
    if value is not None and not LEAST <= len(value) <= MOST:
        message = f"says why in {LEAST} to {MOST} characters"
        raise click.BadParameter(message)
    return value


@click.command()
@click.argument("report", required=False)
@home_option
@click.option("--why", callback=_said, help=WHY)
@click.option("--show", is_flag=True, help="print the record of an erasure, and erase nothing")
@click.option("--rewrite", is_flag=True, help="PostgreSQL: write the tables anew, without dead rows; locks them")
def erase(report: str | None, home: str | None, why: str | None, show: bool, rewrite: bool) -> None:
    """Erase a report (id or reference): its keys, ciphertexts, text, receipts and all that was derived from it.

    Takes two people. The report is withdrawn first; while a feed shows it, the erasure waits, and the schedule
    carries it out once the recall was released. Prints the signed record.
    """
    from hub import erasures, rounds
    from hub.agreeing import agreed
    from hub.roles import Act, Capability
    from hub.services import erasing

    hub = the_hub(home)
    if report is None:
        if not rewrite:
            message = "name a report, or give --rewrite"
            raise click.UsageError(message)
    elif not show:
        if why is None:
            message = "say why, with --why"
            raise click.UsageError(message)
        act = Act(whoever(hub, Capability.KEY_ADMIN), hub.clock())
        begun = agreed(hub, act, why, lambda db: erasing.erase(db, act, report, why))
        rounds.publish_all(hub, [], recalls=rounds.recall_feeds(hub))
        erasures.finish(hub, [begun.report_id])
        rounds.clear_files(hub)
    if report is not None:
        with hub.store.reading() as db:
            _, rows = erasing.of(db, report)
        for row in rows:
            _show(row)
    if rewrite:
        hub.store.scour(is_full=True)
        click.echo("the tables were written anew")


def _show(row: "Erasure") -> None:
    if row.record is None or row.signature is None:
        click.echo("erasing: begun; it waits until no feed shows the report, and the schedule goes on with it")
        return
    click.echo(row.record.decode())
    click.echo(f"signature {row.signature.hex()}")
    if row.settled_at is None:
        click.echo("the database's journal still holds earlier pages; the schedule empties it", err=True)


@click.group()
def retention() -> None:
    """Rules by which reports, or who reported them, are erased."""


@retention.command("list")
@home_option
def list_(home: str | None) -> None:
    """List the rules."""
    from hub.services import erasing

    with the_hub(home).store.reading() as db:
        for rule in erasing.rules(db):
            of = f"{rule.report_type or 'every type'}, {rule.state or 'every state'}"
            click.echo(f"{rule.name}: erases {rule.erases} of {of} after {rule.days} days: {rule.why}")


@retention.command("set")
@click.argument("name")
@home_option
@click.option("--erases", type=click.Choice(("report", "identity")), required=True)
@click.option("--type", "report_type", help="of this type alone")
@click.option("--state", type=click.Choice(("admitted", "quarantined", "withdrawn", "closed")), help="in it alone")
@click.option("--days", type=click.IntRange(1, 36_500), required=True, help="after filing, withdrawal or closure")
@click.option("--why", callback=_said, required=True, help=WHY)
def set_(
    name: str, home: str | None, erases: str, report_type: str | None, state: str | None, days: int, why: str
) -> None:
    """Set a rule; takes two people. The schedule runs it.

    `--state closed` counts from the closing of the report's case, `withdrawn` from its withdrawal, others from filing.
    """
    from hub.agreeing import agreed
    from hub.roles import Act, Capability
    from hub.services import erasing
    from hub.store.tables import RetentionRule

    hub = the_hub(home)
    act = Act(whoever(hub, Capability.KEY_ADMIN), hub.clock())
    by, at = act.caller.person or act.caller.actor, act.at
    rule = RetentionRule(
        name=name, erases=erases, report_type=report_type, state=state, days=days, why=why, set_by=by, set_at=at
    )
    agreed(hub, act, why, lambda db: erasing.set_rule(db, act, rule))
    click.echo(f"{name}: set")


@retention.command()
@click.argument("name")
@home_option
def remove(name: str, home: str | None) -> None:
    """Remove a rule."""
    from hub.roles import Act, Capability
    from hub.services import erasing

    hub = the_hub(home)
    act = Act(whoever(hub, Capability.KEY_ADMIN), hub.clock())
    hub.store.write(lambda db: erasing.remove_rule(db, act, name))
    click.echo(f"{name}: removed")
