"""What it costs to admit and to release: the cryptography and the STIX parser alone are the measure."""

import json

import pytest
import stix2

from hub import rounds
from hub.seal import Place, unwrap_from_intake, wrap_under
from hub.services import admission
from hub.store import reports
from tests.bench.ratio import COLUMNS, Ratio, seconds
from tests.factories import a_report
from tests.page import write
from tests.servers import living_world

pytestmark = pytest.mark.bench
REPORTS = 200


@pytest.fixture
def world(tmp_path):
    made = living_world(tmp_path)
    made.enrol("producer", "Curlew Labs")
    made.enrol("analyst", "Hub staff")
    made.enrol("member", audiences=("members",))
    for number in range(REPORTS):
        made.file("producer:Curlew Labs", a_report(client_ref=f"BENCH-{number}", tlp="green", title=f"Report {number}"))
    path = f"/api/v1/members/{made.ids['Curlew Labs']}/accept"
    assert made.send("analyst:Hub staff", "POST", path, {"audience": "members"}).status_code == 200
    yield made
    made.hub.store.close()


def rewrap_all(world):
    """Open every data key that intake wrapped and wrap it under the epoch: what admission cannot do without."""
    with world.hub.store.reading() as db:
        waiting = reports.unadmitted(db, REPORTS)
        keys = reports.keys(db, [row.report_id for row in waiting])
    owner, uid = world.ids["Curlew Labs"], world.hub.deployment.uid
    for (report_id, revision, purpose), key in keys.items():
        place, epoch = Place(uid, owner, report_id, revision), world.hub.keyring.epochs[key.epoch]
        wrap_under(epoch.kek, unwrap_from_intake(epoch.private_key, key.wrapped, place, purpose), place, purpose)


def test_admission_costs_little_more_than_its_cryptography_and_a_release_than_its_parser(world):
    assert admission.BATCH >= REPORTS
    bare = seconds(lambda: rewrap_all(world)) / REPORTS
    admitted = Ratio("admit a report", "re-wrap its key", seconds(lambda: rounds.admit_all(world.hub)) / REPORTS, bare)
    chosen = [feed for feed in world.hub.feeds() if feed.name == "members"]
    took = seconds(lambda: rounds.publish_all(world.hub, chosen))
    objects = world.objects("member", "members")
    assert len([one for one in objects if one["type"] == "report"]) == REPORTS
    texts = [json.dumps(one) for one in objects]
    parsed = seconds(lambda: [stix2.parse(one, allow_custom=False).serialize() for one in texts]) / len(texts)
    built = Ratio("release an object", "stix2 parse and serialize", took / len(objects), parsed)
    told = (
        f"{REPORTS} reports, {len(objects)} objects: {len(objects) / took:.0f} released a second here, "
        f"{1 / parsed:.0f} parsed and serialized."
    )
    print(write("Admitting and releasing", "make bench", told, COLUMNS, [admitted.row, built.row]))
    assert admitted.value < 30
    assert built.value < 10
