"""What it costs to admit and to release: the cryptography and stix2's own objects alone are the measure."""

import gc
from itertools import count
from statistics import median

import pytest
from stix2.registry import class_for_type

from hub import rounds
from hub.seal import Place, unwrap_from_intake, wrap_under
from hub.services import admission
from hub.store import reports
from tests.bench.ratio import seconds
from tests.factories import a_report
from tests.page import write
from tests.servers import living_world

pytestmark = pytest.mark.bench
REPORTS, TURNS = 200, 3
COLUMNS = ("what", "against", "ratio", "wanted", "here")
ATLAS = {"scheme": "ATLAS", "version": "5.6.0"}
MORE = {  # what reports of public sources have at the least, beyond the six required fields
    "attack_steps": [{**ATLAS, "technique": "AML.T0051", "description": "One."}, {**ATLAS, "technique": "AML.T0040"}],
    "mitigations": [{**ATLAS, "code": "AML.M0015", "status": "done"}],
    "recommendation": "Unplug it.",
    "location": {"country": "CH"},
}
numbers = count()


@pytest.fixture
def world(tmp_path):
    made = living_world(tmp_path)
    made.enrol("producer", "Curlew Labs")
    made.enrol("analyst", "Hub staff")
    made.enrol("member", audiences=("members",))
    file_some(made)
    path = f"/api/v1/members/{made.ids['Curlew Labs']}/accept"
    assert made.send("analyst:Hub staff", "POST", path, {"audience": "members"}).status_code == 200
    yield made
    made.hub.store.close()


def file_some(world, **more):
    for number in (next(numbers) for _ in range(REPORTS)):
        report = a_report(client_ref=f"BENCH-{number}", tlp="green", title=f"Report {number}", **more)
        world.file("producer:Curlew Labs", report)


def rewrap_all(world):
    """Open every data key that intake wrapped and wrap it under the epoch: what admission cannot do without."""
    with world.hub.store.reading() as db:
        waiting = reports.unadmitted(db, REPORTS)
        keys = reports.keys(db, [row.report_id for row in waiting])
    owner, uid = world.ids["Curlew Labs"], world.hub.deployment.uid
    for (report_id, revision, purpose), key in keys.items():
        place, epoch = Place(uid, owner, report_id, revision), world.hub.keyring.epochs[key.epoch]
        wrap_under(epoch.kek, unwrap_from_intake(epoch.private_key, key.wrapped, place, purpose), place, purpose)


def create_and_serialize(objects):
    """The same objects, each made by its class of stix2 and written as JSON."""
    for one in objects:
        kind = class_for_type(one["type"], "2.1", "objects") or class_for_type(one["type"], "2.1", "observables")
        kind(**one).serialize()


def released(world):
    """Release what waits: the objects that came, how long it took, and how long stix2 alone takes for them."""
    feed = [one for one in world.hub.feeds() if one.name == "members"]
    before = {one["id"] for one in world.objects("member", "members")}
    rounds.admit_all(world.hub)
    # The test's own objects, thousands of them, are no burden of either side.
    gc.collect()
    gc.freeze()
    took = seconds(lambda: rounds.publish_all(world.hub, feed))
    objects = [one for one in world.objects("member", "members") if one["id"] not in before]
    assert len([one for one in objects if one["type"] == "report"]) == REPORTS
    alone = seconds(lambda: create_and_serialize(objects))
    gc.unfreeze()
    return objects, took, alone


def test_admission_costs_little_more_than_its_cryptography_and_a_release_than_its_objects(world):
    assert admission.BATCH >= REPORTS
    bare = seconds(lambda: rewrap_all(world))
    admitted = seconds(lambda: rounds.admit_all(world.hub))
    released(world)  # the first release loads and compiles
    rows, ratios = [], []
    for what, more in (("report of six fields", {}), ("report with steps, a mitigation and a place", MORE)):
        turns, objects = [], []
        for _ in range(TURNS):
            file_some(world, **more)
            objects, took, alone = released(world)
            turns.append((alone / took, len(objects) / took, len(objects) / alone))
        ratio, own, other = (median(column) for column in zip(*turns, strict=True))
        ratios.append(ratio)
        here = f"{own:.0f} : {other:.0f} objects a second"
        name = f"release a {what}, {len(objects) // REPORTS} objects"
        rows.append((name, "stix2 creates and serializes them", f"{ratios[-1]:.2f}", "≥ 0.5", here))
    here = f"{REPORTS / admitted:.0f} : {REPORTS / bare:.0f} reports a second"
    rows.append(("admit a report", "re-wrap its key", f"{bare / admitted:.2f}", "", here))
    told = (
        f"{REPORTS} reports at a time, medians of {TURNS} releases; every object passes stix2 and both extension "
        "schemas on its way."
    )
    print(write("Admitting and releasing", "make bench", told, COLUMNS, rows))
    assert bare / admitted > 1 / 30
    assert ratios[0] >= 0.5
    assert ratios[1] >= 0.5
