import pytest

from ingestion.narrative.indicators import Catalogue, Indicator, plain_name

CATALOGUE = Catalogue(
    [
        Indicator("A1", "出院患者微创手术占比▲", ("微创手术占比",)),
        Indicator("A2", "平均住院日"),
        Indicator("A3", "出院患者手术占比", ("手术占比",)),
    ]
)


@pytest.mark.parametrize(
    ("measure", "code"),
    [
        ("出院患者的微创手术占比", "A1"),
        ("5.患者平均住院日", "A2"),
        ("微创手术的占比", "A1"),
    ],
)
def test_names_that_look_alike_are_proposed(measure, code):
    assert next(CATALOGUE.alike(measure)).code == code


def test_an_indicator_is_proposed_once_the_most_alike_first():
    found = list(CATALOGUE.alike("微创手术占比例"))
    assert [match.code for match in found] == ["A1"]
    assert [m.score for m in CATALOGUE.alike("出院患者手术占比")] == sorted(
        (m.score for m in CATALOGUE.alike("出院患者手术占比")), reverse=True
    )


@pytest.mark.parametrize("measure", ["党支部数量", "", "。。"])
def test_what_looks_like_no_indicator_is_proposed_nothing(measure):
    assert list(CATALOGUE.alike(measure)) == []


def test_an_own_name_goes_before_another_indicators_alias():
    catalogue = Catalogue([Indicator("B1", "手术量"), Indicator("B2", "年手术量", ("手术量",))])
    assert next(catalogue.alike("手术量")).code == "B1"


def test_numbering_and_marks_do_not_count():
    assert plain_name("24.1. 麻醉医师占比▲") == "麻醉医师占比"
