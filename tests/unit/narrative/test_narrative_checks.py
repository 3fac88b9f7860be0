from narrative_documents import document, needs_shared

from ingestion.narrative.checks import Finding, check_document
from ingestion.narrative.claims import extract_claims


def findings(text: str) -> list[Finding]:
    found = check_document(extract_claims(text), text)
    for finding in found:
        assert len(finding.spans) >= 2
        assert all(
            text[start:end] == claim.mention for (start, end), claim in zip(finding.spans, finding.claims, strict=True)
        )
    return found


def test_growth_that_follows_from_its_ends_is_left_alone():
    assert findings("四级手术量从2100余例增至3700余例，增幅达76.19%。") == []
    assert findings("微创手术占比由20%提高到25%，提高5个百分点。") == []
    assert findings("平均住院日由8.4天降至7.9天，缩短0.5天。") == []


def test_growth_that_does_not_follow_is_reported_with_both_ends():
    (finding,) = findings("出院患者由2万人次增至3万人次，增长40%。")
    assert (finding.kind, finding.stated, finding.expected) == ("growth", 40, 50)
    assert [c.mention for c in finding.claims] == ["2万人次", "3万人次", "40%"]


def test_points_are_checked_as_points():
    (finding,) = findings("微创手术占比由20%提高到26%，提高5个百分点。")
    assert (finding.stated, finding.expected) == (5, 6)


def test_parts_may_not_exceed_their_total():
    assert findings("承担项目13项，其中专科类7项、支撑类6项。") == []
    assert findings("承担项目13项，其中专科类7项。") == []
    (finding,) = findings("承担项目13项，其中专科类8项、支撑类6项。")
    assert (finding.kind, finding.stated, finding.expected) == ("parts", 13, 14)


def test_people_are_counted_in_several_categories():
    assert findings("现有职工1200人，其中医师500人、高级职称300人、硕士以上600人。") == []
    assert findings("现有职工1200人，其中医师1500人。")[0].kind == "parts"


def test_parts_that_make_up_the_total_must_reach_it():
    (finding,) = findings("发表论文20篇，包括核心期刊12篇、国际期刊6篇。")
    assert (finding.stated, finding.expected) == (20, 18)


def test_parts_that_are_named_need_not_be_all():
    assert findings("全年手术900台，三、四级手术分别为300台和200台。") == []
    assert findings("全年手术900台，三、四级手术分别为600台和400台。")[0].kind == "parts"
    assert findings("两类手术共900台，分别为300台和200台。")[0].kind == "parts"


def test_the_same_fact_with_two_figures():
    text = "某院“十四五”规划\n\n一、发展目标\n\n市级重点学科增至36个。\n\n二、重点任务\n\n市级重点学科达到31个。\n"
    (finding,) = findings(text)
    assert finding.kind == "told_twice"
    assert [c.mention for c in finding.claims] == ["36个", "31个"]


def test_the_same_fact_told_alike_or_for_another_time_is_no_contradiction():
    assert findings("2022年引进博士研究生5人。今年工作很好。2023年引进博士研究生9人。") == []
    assert findings("总占地面积约150亩。环境优美。总占地面积10万平方米。") == []
    assert findings("门诊诊疗量超20万人次。服务很好。门诊诊疗量20.5万人次。") == []


def test_what_every_department_tells_is_a_list():
    text = "".join(f"完成门诊诊疗{n}人次，引进博士研究生{n % 7 + 1}名。\n" for n in range(100, 3100))
    assert findings(text) == []


def test_a_finding_is_plain_json():
    (finding,) = findings("出院患者由2万人次增至3万人次，增长40%。")
    record = finding.to_json()
    assert record["citations"][0]["mention"] == "2万人次"
    assert "50" in record["message_zh"]


@needs_shared
def test_the_plan_that_sets_one_target_twice():
    text = document("baotou-first-affiliated-plan-2021")
    told = [f for f in findings(text) if f.kind == "told_twice"]
    assert told
    assert {c.value for f in told for c in f.claims} == {31, 36}
