"""`hub database`: the operator gives the faces their database roles."""

import click

from hub.cli.home import home_option, the_hub
from hub.faces import FACES
from hub.roles import shell


@click.group()
def database() -> None:
    """The database: the roles of the faces (PostgreSQL)."""


@database.command()
@home_option
@click.option("--print", "is_printed", is_flag=True, help="print the SQL and change nothing")
def grant(home: str | None, is_printed: bool) -> None:
    """Make the faces' database roles, or bring their rights up to date.

    Run it as the owner of the tables, who may make roles; or print the SQL, for somebody who may. A new role may log in
    and has no password: give it one (`ALTER ROLE hub_intake PASSWORD …`), or let pg_hba.conf name its way in. Everybody
    else's rights on these tables, this schema and this database end. Harmless to repeat; `hub init` does it by itself
    once the roles are there. See docs/faces.md.
    """
    from hub.store import walls

    hub = the_hub(home)
    prefix = hub.config.role_prefix
    if is_printed:
        click.echo("".join(f"{one};\n" for one in walls.statements(hub.store, prefix)), nl=False)
        return
    walls.raise_walls(hub.store, prefix, hub.clock(), shell("shell").actor)
    for face in FACES:
        click.echo(f"{face:9}  {walls.role(prefix, face)}")
