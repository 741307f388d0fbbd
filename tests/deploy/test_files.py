"""The files in deploy/ are of one piece: with each other, with the settings, and with the programs that read them."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.config import Config, Limits
from hub.web import bodies
from schemas.loading import Limits as Size
from tests.deploy.standing import DEPLOY, NGINX, example, nginx_configured
from tests.servers import ROOT, environment

CLIENT = {"HUB_URL", "HUB_TOKEN"}  # of who sends, not of who serves
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
CONFIG = (DEPLOY / "nginx/nginx.conf").read_text("utf-8")
UNITS = sorted((DEPLOY / "systemd").iterdir())


def settings_of_the_code() -> set[str]:
    text = (ROOT / "hub/config.py").read_text("utf-8")
    named = set(re.findall(r'"(HUB_[A-Z_]+)"', text)) | set(Limits().environment())
    return named - CLIENT - {"HUB_LIMIT_"}


def test_the_example_names_every_setting_and_no_other() -> None:
    assert set(example()) == settings_of_the_code()


def test_the_example_says_what_holds_without_it() -> None:
    usual = Config.read({"HUB_HOME": "/x"})
    told = Config.read({name: value for name, value in example().items() if "DATABASE" not in name})
    assert (told.limits, told.log_level, told.name) == (usual.limits, usual.log_level, usual.name)


def test_the_compose_file_sets_what_there_is_to_set() -> None:
    services = COMPOSE["services"]
    assert {"db", "prepare", "web1", "web2", "schedule", "nginx"} == set(services)
    for name in ("prepare", "web1", "web2", "schedule"):
        told = services[name]["environment"]
        assert set(told) == settings_of_the_code() - {"HUB_DATABASE_URL"}, "a password never lies in the environment"
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        mounted = dict(one.split(":", 1) for one in services[name]["volumes"])
        assert {mounted["home"], mounted["keys"]} == {told["HUB_HOME"], told["HUB_KEYS"]}
    assert {"home", "keys", "tables", "witness"} == set(COMPOSE["volumes"]), "keys are apart from the data"
    used = {one for service in services.values() for one in service.get("secrets", ())}
    assert used == set(COMPOSE["secrets"])
    told = COMPOSE["configs"]["upstream"]["content"]
    assert set(re.findall(r"server (\w+):8001;", told)) == {"web1", "web2"}
    assert "ports" not in services["web1"], "only nginx is reached from outside"


def test_the_container_copies_what_there_is_and_runs_without_rights() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    copied = [line.split()[1] for line in text.splitlines() if line.startswith("COPY") and "--from" not in line]
    assert [one for one in copied if not (ROOT / one).exists()] == []
    assert {"schemas", "feeds", "hub", "requirements.txt"} <= set(copied)
    assert "--require-hashes" in text
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "/readyz" in text


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_shuts_in_what_it_runs(unit: Path) -> None:
    lines = unit.read_text("utf-8").splitlines()
    hardened = {"NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "PrivateTmp=yes", "UMask=0077"}
    assert hardened <= set(lines)
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    values = example()
    face = {"hub-face@.service": "%i", "hub-publisher.service": "publisher"}.get(unit.name)
    home = f"{values['HUB_HOME']}-{face}" if face else values["HUB_HOME"]
    assert told["ReadWritePaths"].split()[0] == home
    assert told["ReadOnlyPaths"] == f"{home}-keys"
    assert told["User"] != "root"
    # EnvironmentFile wins over Environment: an address in the file would send both units to one port.
    assert re.search(r"^#HUB_BIND=", (DEPLOY / "env.example").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("there is no systemd-analyze on this machine")
    own = tmp_path / unit.name.replace("@", "@intake" if "face" in unit.name else "@8001")
    text = unit.read_text("utf-8").replace("/opt/incident-hub/.venv/bin", str(Path(sys.executable).parent))
    own.write_text(text, "utf-8")
    done = subprocess.run([program, "verify", str(own)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if own.name in line] == []


def test_gunicorn_takes_its_configuration_and_logs_no_address(tmp_path: Path) -> None:
    told = environment(HUB_HOME=str(tmp_path / "home"), HUB_BIND="127.0.0.1:8077", HUB_WORKERS="3")
    words = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        str(DEPLOY / "gunicorn.conf.py"),
        "--print-config",
        "hub.app:serving()",
    ]
    shown = subprocess.run(words, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    settings = dict(re.findall(r"^(\w+)\s+= (.*)$", shown.stdout, re.MULTILINE))
    assert settings["accesslog"] == "None"
    assert settings["workers"] == "3"
    assert settings["worker_class"].endswith(("gthread", "ThreadWorker'>")), settings["worker_class"]
    assert settings["control_socket"] == str(tmp_path / "home" / "gunicorn-8077.ctl")
    assert "8077" in settings["bind"]
    assert "JsonLines" in settings["logconfig_dict"]


@pytest.mark.nginx
@pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine")
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    conf = nginx_configured(tmp_path / "nginx", [8001, 8002], 8443)
    done = subprocess.run([NGINX or "", "-t", "-c", str(conf)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_nginx_takes_as_much_as_the_hub_and_a_little_more() -> None:
    """The hub refuses in its own words; and nginx keeps a report in memory, never on its disk."""
    sizes = dict(zip(("one", "batch"), re.findall(r"client_max_body_size (\d+[km]);", CONFIG), strict=True))
    units = {"k": 1 << 10, "m": 1 << 20}
    one, batch = (int(sizes[name][:-1]) * units[sizes[name][-1]] for name in ("one", "batch"))
    assert Size().size < one < 2 * Size().size
    assert bodies.BATCH_SIZE < batch < 2 * bodies.BATCH_SIZE
    assert f"client_body_buffer_size {sizes['one']};" in CONFIG
    assert "proxy_request_buffering off;" in CONFIG
    assert "proxy_max_temp_file_size 0;" in CONFIG


def test_nginx_writes_nothing_about_who_asks_and_passes_none_of_it_on() -> None:
    bare = re.sub(r"#.*", "", CONFIG)
    (form,) = re.findall(r"log_format\s+counts\s+([^;]*);", bare)
    variables = set(re.findall(r"\$(\w+)", form))
    ours = {"time_iso8601", "request_method", "status", "bytes_sent", "request_time", "sent_http_x_request_id"}
    assert variables == ours
    assert re.findall(r"access_log\s+(.*);", bare) == ["/dev/stdout counts"]
    assert re.findall(r"http \{\s+error_log stderr (\w+);", bare) == ["emerg"], "an error in a request names its client"
    assert "proxy_add_x_forwarded_for" not in bare
    assert "$remote_addr" not in bare
    for header in ("X-Real-IP", "Forwarded", "Via", "From", "Referer", "Cookie", "User-Agent"):
        assert f'proxy_set_header {header} "";' in bare
    assert "proxy_set_header X-Forwarded-For unknown;" in bare, "by it the hub knows that there is a proxy"
    assert "proxy_cache off;" in bare


def test_nginx_takes_the_tls_that_taxii_asks_for() -> None:
    """TAXII 2.1, 8.2.2: 1.2 and 1.3, no 0-RTT, and of 1.2 none of the ciphers that RFC 7540, appendix A, lists."""
    told = (DEPLOY / "nginx/tls.conf").read_text("utf-8")
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in told
    assert "ssl_early_data off;" in told
    (ciphers,) = re.findall(r"^ssl_ciphers (\S+);", told, re.MULTILINE)
    # It lists all that have no ephemeral key exchange or no authenticated encryption, and none that has both.
    assert all(re.fullmatch(r"ECDHE-\w+-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", one) for one in ciphers.split(":"))


def test_nginx_refuses_under_taxii_as_taxii_does() -> None:
    """TAXII 2.1, 3.6.1: what nginx says by itself has TAXII's type, and names the status that it has."""
    part = CONFIG[CONFIG.index("location /taxii2 {") : CONFIG.index("location = /api/v1/reports/batch")]
    said = re.findall(r"return (\d+) '(\{.*\})';", part)
    assert {status for status, _ in said} == {"413", "429", "503"}
    assert all(json.loads(body)["http_status"] == status and json.loads(body)["title"] for status, body in said)
    assert part.count('default_type "application/taxii+json;version=2.1";') == len(said)
