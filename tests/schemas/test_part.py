import pytest
from jsonschema import Draft202012Validator

from schemas.errors import Invalid
from schemas.fields import Count, Many, Text
from schemas.loading import load
from schemas.marks import clear, parts, sealed
from schemas.part import Of, Part, describe


class Wheel(Part):
    spokes = clear(Count(required=True))
    note = sealed(Text(20))


class Cart(Part):
    wheels = parts(Many(Of(Wheel), least=1, most=4, required=True))
    driver = parts(Of(Wheel))


def faults(document):
    with pytest.raises(Invalid) as wrong:
        load(Cart(), document)
    return {one.pointer: one.message for one in wrong.value.problems}


def test_an_unknown_field_is_refused_by_its_pointer_at_any_depth():
    found = faults({"wheels": [{"spokes": 1}, {"spokes": 1, "size~/": 3}], "horse": {}})
    assert set(found) == {"/wheels/1/size~0~1", "/horse"}
    assert set(found.values()) == {"is not a field of a report here; leave it out (`hub schema` lists the fields)"}


def test_every_fault_is_named_at_once():
    found = faults({"wheels": [{}, {"spokes": "three"}, 5], "driver": None})
    assert set(found) == {"/wheels/0/spokes", "/wheels/1/spokes", "/wheels/2", "/driver"}
    assert found["/wheels/0/spokes"] == "is required; add it"
    assert found["/driver"] == "is null; leave the field out if there is no value"
    assert found["/wheels/2"] == "must be an object, written in { }"


@pytest.mark.parametrize("document", [[], "x", 1, None, True])
def test_a_document_that_is_no_object_is_refused_as_a_whole(document):
    assert faults(document) == {"": "must be an object, written in { }"}


def test_the_json_schema_is_closed_names_what_is_required_and_how_each_field_is_kept():
    shape = describe(Cart)
    Draft202012Validator.check_schema(shape)
    assert shape["required"] == ["wheels"]
    assert shape["additionalProperties"] is False
    wheel = shape["properties"]["wheels"]["items"]
    assert wheel["required"] == ["spokes"]
    assert wheel["properties"]["note"]["x-kept"] == "sealed"
    assert shape["properties"]["wheels"]["x-kept"] == "parts"
