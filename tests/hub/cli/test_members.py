from datetime import UTC, datetime, timedelta

import requests

from tests.factories import a_report


def answer_to(office, token):
    """What the running hub answers to a token."""
    told = {"Authorization": f"Bearer {token}", "Idempotency-Key": token[-12:]}
    return requests.post(f"{office.url}/api/v1/reports", json=a_report(), headers=told, timeout=30).status_code


def test_an_organisation_is_added_once(office):
    done = office.shell("member", "add", "Curlew Labs")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) == 36
    again = office.shell("member", "add", "Curlew Labs")
    assert again.returncode == 1
    assert "Curlew Labs" in again.stderr
    listed = office.shell("member", "list")
    (line,) = [line for line in listed.stdout.splitlines() if "Curlew Labs" in line]
    assert done.stdout.strip() in line
    assert "not approved" in line
    assert "reads nothing" in line


def test_an_audience_is_granted_until_a_day(office):
    office.shell("member", "add", "Grantee")
    until = f"{datetime.now(UTC) + timedelta(days=100):%Y-%m-%d}"
    done = office.shell("member", "grant", "Grantee", "members", "--until", until)
    assert done.returncode == 0, done.stderr
    listed = office.shell("member", "list").stdout
    assert f"members until {until}" in next(line for line in listed.splitlines() if "Grantee" in line)


def test_a_grant_that_never_ends_or_goes_nowhere_is_refused(office):
    office.shell("member", "add", "Refused grantee")
    for words in (("members", "--until", "2999-01-01"), ("everybody",)):
        assert office.shell("member", "grant", "Refused grantee", *words).returncode == 1
    assert office.shell("member", "grant", "Refused grantee", "members", "--days", "-1").returncode == 2
    assert office.shell("member", "grant", "Refused grantee", "members", "--until", "soon").returncode == 2
    assert office.shell("member", "grant", "Nobody", "members").returncode == 1
    listed = office.shell("member", "list").stdout
    assert "reads nothing" in next(line for line in listed.splitlines() if "Refused grantee" in line)


def test_a_token_works_on_the_running_hub_until_it_is_revoked(office):
    office.shell("member", "add", "Token holder")
    issued = office.shell("token", "issue", "Token holder", "--role", "producer", "--label", "ci")
    assert issued.returncode == 0, issued.stderr
    token = issued.stdout.strip()
    assert answer_to(office, token) == 201
    listed = office.shell("token", "list", "Token holder").stdout
    assert token not in listed
    assert "ci" in listed
    token_id = listed.split()[0]
    assert office.shell("token", "revoke", token_id).returncode == 0
    assert answer_to(office, token) == 401
    assert "revoked" in office.shell("token", "list", "Token holder").stdout


def test_a_rotated_token_lives_on_for_its_grace_only(office):
    office.shell("member", "add", "Rotator")
    old = office.shell("token", "issue", "Rotator", "--role", "producer").stdout.strip()
    token_id = office.shell("token", "list", "Rotator").stdout.split()[0]
    rotated = office.shell("token", "rotate", token_id)
    assert rotated.returncode == 0, rotated.stderr
    assert (answer_to(office, old), answer_to(office, rotated.stdout.strip())) == (201, 201)
    third = office.shell("token", "issue", "Rotator", "--role", "producer")
    assert third.returncode == 1, "two tokens of one kind are enough"
    assert token_id in third.stderr
    assert office.shell("token", "revoke", token_id).returncode == 0
    assert office.shell("token", "rotate", token_id).returncode == 1


def test_a_token_needs_a_role_that_exists(office):
    assert office.shell("token", "issue", "Filer").returncode == 2
    assert office.shell("token", "issue", "Filer", "--role", "emperor").returncode == 2
    assert office.shell("token", "issue", "Nobody", "--role", "member").returncode == 1
    assert office.shell("token", "issue", "Filer", "--role", "auditor", "--days", "400").returncode == 2
