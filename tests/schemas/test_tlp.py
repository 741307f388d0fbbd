import pytest

from schemas import vocabulary
from schemas.tlp import TLP


def test_the_labels_stand_in_order_from_the_widest_reach_to_the_narrowest():
    assert [label.rank for label in TLP] == [0, 1, 2, 3, 4]
    assert list(TLP) == ["clear", "green", "amber", "amber+strict", "red"]


def test_the_labels_are_those_of_the_vocabulary_file():
    assert list(vocabulary.enumeration("tlp").terms) == list(TLP)


@pytest.mark.parametrize("ceiling", TLP)
@pytest.mark.parametrize("label", TLP)
def test_a_label_is_within_a_ceiling_that_is_as_narrow_or_narrower(label, ceiling):
    assert label.is_within(ceiling) is (list(TLP).index(label) <= list(TLP).index(ceiling))
