"""The command line. Each command loads only what it needs: `hub report` runs where no server is installed.

Exit codes: 0 done; 1 failed, with the reason; 2 wrong usage; 75 temporary, run again. May not decide anything that a
service decides.
"""

import sys
from importlib import import_module

import click

from hub import __version__
from hub.errors import Busy, HubError, NotAgreed

FAILED, TEMPORARY = 1, 75
TOLD = {
    "Invalid",
    "Unreadable",
    "TooLarge",
    "NotAFeed",
    "UnknownPath",
}  # of floors below, which this file does not load
COMMANDS = {  # name → where it lives, and what `hub --help` says of it without loading it
    "init": ("running", "Make a hub, or bring one up to date."),
    "demo": ("demo", "Start a hub with sample reports."),
    "serve": ("running", "Serve the API and TAXII, and publish on schedule."),
    "schedule": ("running", "Admit and publish on schedule."),
    "publish": ("running", "Release now what is due."),
    "report": ("report", "File reports from files, over HTTP."),
    "attach": ("attach", "Attach files to a report, over HTTP."),
    "preview": ("preview", "Show what each audience would see of a draft, or of a filed report."),
    "search": ("search", "Find reports."),
    "why": ("why", "Say what keeps a report in, and what lets it out."),
    "guard": ("guard", "What the guard holds back, and the decision about it."),
    "open": ("opening", "Open sealed fields of a report, for a stated purpose."),
    "scan": ("opening", "Look for words in sealed text, for a stated purpose."),
    "session": ("people", "Work with sealed fields: one purpose, one scope, a time limit."),
    "proposal": ("people", "Agree to what takes two people, or refuse it."),
    "accept": ("accept", "Accept a report, or an organisation's, for an audience."),
    "import": ("importing", "Import the records of a public source."),
    "member": ("members", "Organisations, and what they may read."),
    "token": ("members", "Tokens of organisations."),
    "feed": ("feeds", "Feeds and their collections."),
    "keys": ("keys", "Show, hand out and rehearse the keys; change their root."),
    "database": ("database", "Give the faces their database roles."),
    "erase": ("erase", "Erase a report; takes two people."),
    "retention": ("erase", "Rules by which reports are erased."),
    "audit": ("audit", "Verify the log of what was done, list it, check a proof."),
    "backup": ("backup", "Write the hub's data, or its keys, to a file."),
    "restore": ("backup", "Bring a hub back from a backup into an empty home."),
    "recover": ("backup", "Replay the second place after a restore; then the hub may publish."),
    "doctor": ("doctor", "Say what is amiss with a hub, and what mends it."),
    "schema": ("schema", "Print the JSON Schema of a report."),
}


class Lazy(click.Group):
    """A group whose commands are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a newcomer's day."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        room = import_module(f"hub.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(room, {"import": "import_", "open": "open_"}.get(cmd_name, cmd_name))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hub")
def hub() -> None:
    """Incident Hub: AI safety incidents in, redacted and verifiable feeds out."""


def main() -> None:
    """Run a command and say what went wrong in words, never in a traceback that might show what was sealed."""
    try:
        hub(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (Busy, NotAgreed) as later:
        click.echo(f"hub: {later}", err=True)
        sys.exit(TEMPORARY)
    except HubError as wrong:
        click.echo(f"hub: {wrong}", err=True)
        sys.exit(FAILED)
    except OSError as wrong:
        click.echo(f"hub: {wrong.strerror or type(wrong).__name__}: {wrong.filename or 'no file'}", err=True)
        sys.exit(FAILED)
    except Exception as wrong:  # noqa: BLE001 - the last one: its message may quote what was sealed, so only its kind shows
        told = str(wrong) if type(wrong).__name__ in TOLD else "this is a fault of the hub; please report it"
        click.echo(f"hub: {type(wrong).__name__}: {told}", err=True)
        sys.exit(FAILED)
