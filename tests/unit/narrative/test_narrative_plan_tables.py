from ingestion.narrative.plan_tables import extract_plan_rows

TABLE = """附件 主要指标

序号\t规划指标\t单位\t“十三五”末现状\t“十四五”规划目标\t负责科室
<b>一、学科建设</b>\t\t\t\t\t
1\t省级重点专科\t个\t2\t新增 1\t科研 管理科
2\t市级重点学科\t个\t8\t10~12\t
二、基础设施\t\t\t\t\t
1\t占地\t亩\t100\t提升
至150\t后勤科

以上指标解释权归规划办。
"""


def test_rows_below_sections_and_with_broken_cells():
    rows = extract_plan_rows(TABLE)
    assert [(r.indicator, r.unit, r.target_raw) for r in rows] == [
        ("省级重点专科", "个", "新增 1"),
        ("市级重点学科", "个", "10~12"),
        ("占地", "亩", "提升至150"),
    ]
    assert [(r.target.kind, r.target.value, r.target.value_high) for r in rows] == [
        ("increment", 1, None),
        ("range", 10, 12),
        ("level", 150, None),
    ]


def test_rows_know_their_place():
    for row in extract_plan_rows(TABLE):
        assert row.indicator in TABLE[row.start : row.end]


def test_prose_has_no_rows():
    assert extract_plan_rows("没有表格的文件。\n第二行。") == []
