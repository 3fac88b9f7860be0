import pytest

from ingestion.narrative.indicators import Catalogue, Indicator, plain_name

CATALOGUE = Catalogue([
    Indicator("A1", "出院患者微创手术占比▲", ("微创手术占比",), "%"),
    Indicator("A2", "平均住院日", (), "day"),
    Indicator("A3", "出院患者手术占比", ("手术占比",), "%"),
])


@pytest.mark.parametrize(("measure", "unit", "code", "how"), [
    ("出院患者微创手术占比", "%", "A1", "exact"),
    ("微创手术占比", "%", "A1", "alias"),
    ("手术占比", "%", "A3", "alias"),
    ("5.平均住院日", "day", "A2", "exact"),
    ("出院患者的微创手术占比", "%", "A1", "proposal"),
])
def test_by_name_then_alias_then_proposal(measure, unit, code, how):
    match = CATALOGUE.match(measure, unit)
    assert (match.code, match.how) == (code, how)


@pytest.mark.parametrize(("measure", "unit"), [
    ("微创手术占比", "case"), ("党支部数量", "count"), ("", None), ("。。", "%"),
])
def test_what_names_no_indicator_stays_unmapped(measure, unit):
    assert CATALOGUE.match(measure, unit) is None


def test_an_exact_name_goes_before_another_indicators_alias():
    catalogue = Catalogue([Indicator("B1", "手术量"), Indicator("B2", "年手术量", ("手术量",))])
    assert catalogue.match("手术量").code == "B1"


def test_numbering_and_marks_do_not_count():
    assert plain_name("24.1. 麻醉医师占比▲") == "麻醉医师占比"
