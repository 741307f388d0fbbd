import pytest

from schemas.errors import Invalid, Problem, TooLarge, Unreadable


def test_an_error_lists_every_fault_with_its_pointer():
    wrong = Invalid([Problem("/title", "is required"), Problem("", "is odd")])
    assert str(wrong) == "/title: is required; /: is odd"
    assert [one.pointer for one in wrong.problems] == ["/title", ""]


@pytest.mark.parametrize("kind", [Invalid, Unreadable, TooLarge])
def test_an_error_for_one_fault_keeps_its_kind(kind):
    wrong = kind.at("/a", "is wrong")
    assert type(wrong) is kind
    assert wrong.problems == (Problem("/a", "is wrong"),)


def test_the_faults_may_come_from_a_generator_and_stay_readable():
    wrong = Invalid(Problem(pointer, "is wrong") for pointer in ("/a", "/b"))
    assert len(wrong.problems) == len(list(wrong.problems)) == 2
