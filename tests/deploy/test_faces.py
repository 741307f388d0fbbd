"""The four parts as deploy/ runs them: each request goes to the face that has it, and each part holds its own alone."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.routing import Rule

from hub import faces
from tests.conftest import World
from tests.deploy.standing import DEPLOY, NGINX, nginx_configured

COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.faces.yaml").read_text("utf-8"))
CONFIG = (DEPLOY / "nginx/faces.conf").read_text("utf-8")
RULES = [(re.compile(pattern), face) for pattern, face in re.findall(r'"~(\S.*)" (\w+);', CONFIG)]


def sent_to(method: str, path: str) -> str:
    """Where the map of nginx sends a request: its first pattern that fits."""
    return next((face for pattern, face in RULES if pattern.search(f"{method} {path}")), "console")


def test_each_request_goes_to_the_face_that_a_front_sends_it_to(world: World) -> None:
    sent = {}
    for rule in world.web.application.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS"}:
            sent[method, rule.rule] = (sent_to(method, filled(rule)), rule.endpoint)
    assert len(RULES) > 5
    wrong = {
        asked: face
        for asked, (face, endpoint) in sent.items()
        if faces.of_route(endpoint) != faces.ALL and face != faces.front_of(endpoint)
    }
    assert wrong == {}


def filled(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", "0a1b2c", rule.rule)


@pytest.mark.nginx
@pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine")
def test_nginx_takes_the_map(tmp_path: Path) -> None:
    conf = nginx_configured(tmp_path / "nginx", [8001], 8443)
    for name in ("faces.conf", "faces-upstream.conf"):
        (conf.parent / name).write_text((DEPLOY / "nginx" / name).read_text("utf-8"), "utf-8")
    conf.write_text(conf.read_text("utf-8").replace("http://hub", "http://$face"), "utf-8")
    done = subprocess.run([NGINX or "", "-t", "-c", str(conf)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@pytest.mark.parametrize("face", faces.FACES)
def test_a_part_has_its_own_keys_home_and_login_and_no_other(face: str) -> None:
    service = COMPOSE["services"][face]
    assert service["environment"]["HUB_FACES"] == face
    assert service["secrets"] == [f"{face}-url"]
    mounted = dict(one.split(":")[:2] for one in service["volumes"])
    shared = {"shown", "witness"} if face == faces.PUBLISHER else {"shown"}
    assert set(mounted) == {face, f"{face}-keys", *shared}
    assert mounted[f"{face}-keys"] == service["environment"]["HUB_KEYS"]
    writes = {one.split(":")[0] for one in service["volumes"] if not one.endswith(":ro")}
    assert writes == ({face, "shown", "witness"} if face == faces.PUBLISHER else {face})
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert "ports" not in service


def test_the_vault_has_all_and_runs_only_when_somebody_runs_it() -> None:
    vault = COMPOSE["services"]["vault"]
    assert (vault["profiles"], vault["restart"]) == (["vault"], "no")
    assert all(one in vault["command"][2] for one in ("hub init", "hub database grant", "hub keys hand-out"))
    assert {f"{face}-keys" for face in faces.FACES} <= {one.split(":")[0] for one in vault["volumes"]}
    known = {one for service in COMPOSE["services"].values() for one in service.get("secrets", ())}
    assert known == set(COMPOSE["secrets"])


def test_each_unit_reads_its_own_settings_after_the_common_ones() -> None:
    for unit, face in (("hub-face@.service", "%i"), ("hub-publisher.service", "publisher")):
        lines = (DEPLOY / "systemd" / unit).read_text("utf-8").splitlines()
        read = [line.partition("=")[2] for line in lines if line.startswith("EnvironmentFile=")]
        assert read == ["/etc/incident-hub/env", f"/etc/incident-hub/{face}.env"]
        assert f"User=incident-hub-{face}" in lines
