from tests.factories import a_report

ANALYST = "analyst:Hub staff"


def file(office, ref, **changes):
    return office.world.file("producer:Filer", a_report(client_ref=ref, tlp="green", **changes))


def test_a_report_is_accepted_by_its_id_and_leaves_as_written(office):
    filed = file(office, "ACCEPT-1", title="Accepted by id")
    done = office.client(ANALYST, "accept", filed["id"], "members")
    assert done.returncode == 0, done.stderr
    assert filed["id"] in done.stdout
    office.shell("publish", "members")
    assert "Accepted by id" in {one["name"] for one in office.world.carriers("member:Reader", "members")}


def test_a_report_is_accepted_by_its_reference(office):
    filed = file(office, "ACCEPT-2")
    done = office.client(ANALYST, "accept", filed["ref"], "members")
    assert done.returncode == 0, done.stderr
    assert filed["id"] in done.stdout


def test_the_text_for_release_is_approved_apart(office):
    filed = file(office, "ACCEPT-3", for_release={"title": "What others may read"})
    done = office.client(ANALYST, "accept", "--for-release", filed["id"], "public")
    assert done.returncode == 0, done.stderr
    assert "for_release" in done.stdout


def test_the_text_in_effect_is_shown_and_approved_whoever_wrote_it(office):
    filed = file(office, "ACCEPT-7", share_redacted_with=["members"], for_release={"title": "By its producer"})
    path = f"/api/v1/reports/{filed['id']}/release-text"
    answer = office.world.send(ANALYST, "PUT", path, {"title": "By an analyst", "why": "Clearer."}, If_Match='"r1x0"')
    assert answer.status_code == 200
    done = office.client(ANALYST, "accept", "--for-release", filed["ref"], "members")
    assert done.returncode == 0, done.stderr
    assert "whose: hub" in done.stdout
    assert "-title: By its producer" in done.stdout
    assert office.world.send(ANALYST, "GET", path).get_json()["approved_for"] == ["members"]
    office.shell("publish", "members")
    assert "By an analyst" in {one["name"] for one in office.world.carriers("member:Reader", "members")}


def test_text_that_is_not_there_cannot_be_approved(office):
    filed = file(office, "ACCEPT-4")
    done = office.client(ANALYST, "accept", "--for-release", filed["id"], "public")
    assert done.returncode == 1
    assert "no text for release" in done.stderr


def test_an_organisation_is_accepted_by_its_name(office):
    done = office.client(ANALYST, "accept", "Filer", "trusted")
    assert done.returncode == 0, done.stderr
    assert office.world.ids["Filer"] in done.stdout


def test_an_organisation_is_accepted_by_its_id(office):
    done = office.client(ANALYST, "accept", office.world.ids["Filer"], "trusted")
    assert done.returncode == 0, done.stderr
    assert office.world.ids["Filer"] in done.stdout


def test_neither_report_nor_organisation_fails(office):
    done = office.client(ANALYST, "accept", "R-0000-0000", "members")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_an_audience_that_does_not_exist_is_named(office):
    filed = file(office, "ACCEPT-5")
    done = office.client(ANALYST, "accept", filed["id"], "everybody")
    assert done.returncode == 1
    assert "/audience" in done.stderr


def test_a_producer_cannot_accept_its_own_report(office):
    filed = file(office, "ACCEPT-6")
    refused = office.client("producer:Filer", "accept", filed["id"], "members")
    unknown = office.client("producer:Filer", "accept", "R-0000-0000", "members")
    assert refused.returncode == 1
    assert refused.stderr == unknown.stderr, "forbidden and unknown look the same"


def test_approving_text_of_an_organisation_accepts_nothing_as_written(office):
    refused = office.client(ANALYST, "accept", "--for-release", "Filer", "public")
    assert refused.returncode == 1
    with office.world.hub.store.reading() as db:
        assert (
            db.connection().exec_driver_sql("SELECT * FROM standing_acceptance WHERE audience = 'public'").all() == []
        )
