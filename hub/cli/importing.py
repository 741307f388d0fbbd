"""`hub import`: records of a public source become reports with an origin, TLP:CLEAR, through ordinary intake."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from hub.cli.home import home_option, the_hub
from hub.errors import Conflict, HubError, NotReady
from hub.importers import Imported, NothingToImport, Source, count, read, sources
from hub.roles import Act, Caller, Capability, shell
from hub.services import intake, membership
from hub.services.intake import Filed, Filing
from hub.store import Session
from hub.wiring import Hub

AT_ONCE = 100  # records in one transaction: a crash loses none that was printed, and importing again files none twice


@click.command("import")
@home_option
@click.argument("source", type=click.Choice(sorted(sources())))
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="read and check, and file nothing")
def import_(home: str | None, source: str, path: Path, dry_run: bool) -> None:
    """Import the records of a public source from a file or folder. Importing again amends what changed."""
    chosen = sources()[source]
    try:
        total, found = count(chosen, path), read(chosen, path)
    except NothingToImport as nothing:
        raise click.UsageError(str(nothing)) from None
    shown = track(found, f"{chosen.title}", total, console=Console(stderr=True), transient=True)
    results: Counter[str] = Counter()
    told = _checked(shown) if dry_run else _filed(the_hub(home), chosen, shown)
    for outcome, line in told:
        results[outcome] += 1
        click.echo(f"{outcome:9} {line}")
    click.echo(
        f"{source}: " + ", ".join(f"{number} {outcome}" for outcome, number in sorted(results.items())), err=True
    )
    if not dry_run:
        click.echo("`hub publish` releases them; a running publisher does so on schedule", err=True)
    if results["refused"] == total:
        sys.exit(1)


def _checked(found: Iterable[Imported]) -> Iterator[tuple[str, str]]:
    for one in found:
        yield ("refused", f"{one.key}: {one.refusal}") if one.report is None else ("good", one.key)


def _filed(hub: Hub, source: Source, found: Iterable[Imported]) -> Iterator[tuple[str, str]]:
    caller = _importer(hub, source)
    waiting = iter(found)
    while some := list(islice(waiting, AT_ONCE)):
        yield from _file_some(hub, caller, some)


def _importer(hub: Hub, source: Source) -> Caller:
    name = f"{source.title} (public source)"
    try:
        made = hub.store.write(
            lambda db: membership.add(db, Act(shell(f"import:{source.code}"), hub.clock()), name, is_source=True)
        )
    except Conflict:
        with hub.store.reading() as db:
            made = membership.find(db, name)
        if not made.is_source:
            message = f"the organisation {name!r} is not a public source; it was added by hand, under a source's name"
            raise NotReady(message) from None
    return shell(f"import:{source.code}", made.id, Capability.REPORT_WRITE)


def _file_some(hub: Hub, caller: Caller, some: list[Imported]) -> list[tuple[str, str]]:
    told = [("refused", f"{one.key}: {one.refusal}") for one in some if one.report is None]
    good = [(one.key, _filing(hub, one)) for one in some if one.report is not None]

    def work(db: Session) -> list[Filed]:
        return [intake.file_report(db, hub.sealer, Act(caller, hub.clock()), filing) for _, filing in good]

    try:
        filed = hub.store.write(work)
    except HubError as wrong:  # a withdrawn record that changed at its source: told, and the others go on
        if len(some) == 1:
            return [("refused", f"{some[0].key}: {wrong}")]
        return [line for one in some for line in _file_some(hub, caller, [one])]
    return told + [(_outcome(one), f"{one.view.ref} {key}") for (key, _), one in zip(good, filed, strict=True)]


def _filing(hub: Hub, one: Imported) -> Filing:
    report = one.report or {}
    return Filing(report, hub.sealer.keys.replay_code(report), is_upsert=True, is_import=True)


def _outcome(filed: Filed) -> str:
    if filed.is_new:
        return "filed"
    return "amended" if filed.has_changed else "unchanged"
