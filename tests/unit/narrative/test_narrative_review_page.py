import re

import pytest
from lxml import html

from ingestion.narrative.checks import check_document
from ingestion.narrative.claims import Claim, extract_claims
from ingestion.narrative.review_page import write_review

TEXT = (
    "某医院总结<script>alert(1)</script>\n\n出院患者由2万人次增至3万人次，增长40%。\n\n"
    "“十五五”期间力争床位达到900张 & 更多。\n"
)


def page(tmp_path, text=TEXT):
    claims = extract_claims(text)
    target = tmp_path / "review.html"
    write_review(text, claims, check_document(claims, text), target)
    return target.read_text(encoding="utf-8"), claims


def test_every_claim_is_marked_in_place_with_its_reading_beside(tmp_path):
    source, claims = page(tmp_path)
    tree = html.fromstring(source)
    marks = [mark.text for mark in tree.xpath("//main//mark")]
    assert marks == [claim.mention for claim in claims]
    assert len(tree.xpath("//main//li")) == len(claims)
    for link in tree.xpath("//a/@href"):
        assert tree.xpath(f"//*[@id='{link[1:]}']"), link


def test_readings_are_in_the_words_of_a_reviewer(tmp_path):
    source, _ = page(
        tmp_path,
        "某医院2023年工作总结\n国考位列全国第58位，等级A，DRG入组812组，药占比由25%降至22%，"
        "力争今年手术9000台，电子病历达到五级，年均培训90人。",
    )
    readings = ["".join(li.itertext()) for li in html.fromstring(source).xpath("//main//li")]
    assert "第58" in readings[0]
    assert "812 组" in readings[2]
    assert not [r for r in readings if re.search("[a-z]", r)]


def test_the_page_is_self_contained_and_escaped(tmp_path):
    source, _ = page(tmp_path)
    tree = html.fromstring(source)
    assert not tree.xpath("//script | //link | //img | //iframe | //@src")
    assert "&lt;script&gt;" in source
    assert "http" not in source.replace("http-equiv", "")


def test_findings_stand_at_the_head_and_point_at_their_figures(tmp_path):
    source, _ = page(tmp_path)
    finding = html.fromstring(source).xpath("//div[@class='finding']")[0]
    assert [a.text for a in finding.xpath(".//a")] == ["2万人次", "3万人次", "40%"]


def test_a_claim_of_another_document_is_refused(tmp_path):
    claims: list[Claim] = extract_claims(TEXT)
    with pytest.raises(ValueError, match="is not at character"):
        write_review("别的文件", claims, [], tmp_path / "review.html")


def test_a_document_without_claims_still_makes_a_page(tmp_path):
    source, _ = page(tmp_path, "没有数据的一段话。")
    assert "没有数据的一段话" in source


def test_a_figure_of_a_table_that_a_contradiction_cites_is_marked_and_linked(tmp_path):
    text = (
        "某医院“十四五”规划\n到2025年，市级领先重点学科达到31个。\n序号\t指标\t单位\t现状值\t目标值\n"
        "1\t市级领先重点学科\t个\t17\t36\n2\t硕士\t人\t40\t60\n3\t论文\t篇\t84\t120\n"
    )
    claims = extract_claims(text)
    findings = check_document(claims, text)
    assert [c.mention for f in findings for c in f.claims if c not in claims] == ["36"]
    page = tmp_path / "page.html"
    write_review(text, claims, findings, page)
    html = page.read_text(encoding="utf-8")
    assert '<a href="#mt1">36</a>' in html
    assert '<mark id="mt1" class="target doubted">36' in html
    assert 'id="m1"' in html
