"""schemathesis, by its own runner and in all its phases, against a hub that really listens."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub import receiving
from hub.roles import ROLES
from hub.web.policy import Policy
from tests.attaching import a_file, attach
from tests.conftest import World
from tests.factories import a_report
from tests.servers import environment, living_world, serving

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "missing_required_header",
)
SEEDS = 3
REPORTS = 40  # so that some are left when others were withdrawn
OPTIONS = ("--continue-on-failure", "--no-color", "--no-shrink", "--warnings", "off", "--generation-database", "none")


@dataclass(frozen=True)
class Run:
    """What a run came to."""

    requests: int
    seconds: float
    operations: int
    phases: dict[str, str]
    accepted: frozenset[str]  # operations of which a generated call was answered with success
    told: str

    @property
    def faults(self) -> str:
        """What schemathesis says of its failures and errors, or nothing."""
        return self.told[max(0, self.told.find("==")) :]


def fuzz(place: Path, role: str, examples: int, *, seed: int = 1) -> Run:
    """Call every operation that a role may use, with so many examples each; nothing of it stays."""
    place.mkdir()
    world = living_world(place)
    known = _populate(world)
    operations = _operations(world, role)
    with serving(place / "home") as server:
        written = place / "run.json"
        named = [word for one in operations for word in ("--include-operation-id", one)]
        done = subprocess.run(
            [
                *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/api/v1/openapi.json"),
                *("--header", f"Authorization: Bearer {world.tokens[role]}", "--checks", ",".join(CHECKS)),
                *("--max-examples", str(examples), "--seed", str(seed), *OPTIONS, *named),
                *("--report", "json", "--report-json-path", str(written)),
            ],
            env=environment(SCHEMATHESIS_HOOKS="tests.schemathesis_hooks", KNOWN_TO_SCHEMATHESIS=json.dumps(known)),
            cwd=place,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert written.exists(), done.stdout[-4000:] + done.stderr[-4000:]
        report = json.loads(written.read_text("utf-8"))
        assert report["complete"], done.stdout[-4000:] + done.stderr[-4000:]
        return _run(report, done)


def assert_all_is_as_described(place: Path, role: str, *, examples: int, requests: int, operations: int) -> None:
    """Nothing falls over or is answered otherwise than described, and enough was asked to say so.

    How many requests the examples come to hangs on the answers: another seed goes on where one run was too short.
    """
    asked = 0
    for seed in range(1, SEEDS + 1):
        run = fuzz(place / str(seed), role, examples, seed=seed)
        print(f"{run.requests:,} requests to {run.operations} operations in {run.seconds:.0f} s")  # noqa: T201 - a figure
        assert run.faults == ""
        assert run.operations >= operations
        assert set(run.phases) == {"examples", "coverage", "fuzzing", "stateful"}
        asked += run.requests
        if asked >= requests:
            return
    assert asked >= requests


def _run(report: dict[str, Any], done: "subprocess.CompletedProcess[str]") -> Run:
    rates = report["valid_rates"].items()
    return Run(
        report["test_cases"]["generated"],
        report["running_time"],
        report["operations"]["tested"],
        {name: phase["status"] for name, phase in report["phases"].items()},
        frozenset(name for name, phases in rates if any(one["accepted"] for one in phases.values())),
        done.stdout if done.returncode else "",
    )


def _operations(world: World, role: str) -> list[str]:
    app = world.web.application
    policies = {name: getattr(view, "policy", Policy()) for name, view in app.view_functions.items()}
    described = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    return sorted(name for name in described if not ROLES[role].isdisjoint(policies[name].capabilities))


def _populate(world: World) -> dict[str, list[str]]:
    """People and things, and the names of the things by the parameter that takes them."""
    world.enrol("producer")
    world.enrol("researcher", audiences=("researchers", "public", "reference"))
    for role in ("analyst", "operator"):
        world.enrol(role, "Hub staff")
        world.tokens[role] = world.tokens[f"{role}:Hub staff"]
    world.enrol("member", "Spare")
    filed = [world.file("producer", a_report(client_ref=f"known-{number}")) for number in range(REPORTS)]
    world.accept(filed[0]["id"], "members")
    world.release()
    # Whichever report a generated call names: some have these, and some meet them as strangers.
    files = [attach(world, filed[number]["id"], a_file(100))["id"] for number in range(3)]
    receiving.admit(world.hub)
    case = {"title": "One event", "reports": [filed[0]["id"], filed[1]["id"]], "why": "Seen."}
    opened = world.send("analyst", "POST", "/api/v1/cases", case).get_json()
    names = [one[key] for one in filed for key in ("id", "ref")]
    return {
        "report": names,
        "report_id": names,
        "attachment": files,
        "case": [opened["ref"]],
        "member": [world.ids["Spare"], world.ids["The producer's organisation"]],
        "token_id": [world.tokens["member:Spare"].split("_")[2]],
    }
