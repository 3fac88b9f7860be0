import pytest
from narrative_documents import document, gold, needs_shared

from ingestion.narrative.work_items import extract_items, split_departments

PLAN = """某医院2024年工作要点

2024年是关键一年，全院要凝心聚力。

一、强化党建引领

抓好理论学习，开展主题党日活动。（牵头部门：党委办

公室、医务部）
推选2-3个示范支部。（责任科室：党委办公室；配合科室：工会）

二、提升医疗质量

压缩平均住院日，力争药占比控制在25%以下。（牵头部门： 医务部,药学部、各临床科室等）
"""


def test_items_have_section_departments_and_text():
    items = extract_items(PLAN)
    assert [(i.item_no, i.section_no, i.section_title) for i in items] == [
        (1, 1, "强化党建引领"),
        (2, 1, "强化党建引领"),
        (3, 2, "提升医疗质量"),
    ]
    assert [i.lead_departments for i in items] == [
        ["党委办公室", "医务部"],
        ["党委办公室"],
        ["医务部", "药学部", "各临床科室"],
    ]
    assert items[0].text.startswith("抓好理论学习")
    assert "\n" not in items[0].text


def test_items_span_the_original_and_carry_their_targets():
    items = extract_items(PLAN)
    for item in items:
        assert PLAN[item.start : item.end].startswith(item.text[:4])
    assert [[t.mention for t in item.targets] for item in items] == [[], ["2-3个"], ["25%以下"]]
    assert items[2].targets[0].comparator == "<="


def test_numbered_items_in_a_plan_without_departments():
    text = (
        "某院2024年工作计划\n\n一、医疗工作\n\n1.开展新技术3项。\n\n2.优化服务流程。\n\n二、科研工作\n\n申报课题5项。\n"
    )
    items = extract_items(text)
    assert [(i.section_no, i.text[:6]) for i in items] == [(1, "1.开展新技"), (1, "2.优化服务"), (2, "申报课题5项")]
    assert all(item.lead_departments == [] for item in items)


def test_notes_of_departments_come_in_several_shapes():
    shapes = (
        "（牵头部门：医务部）",
        "(牵头科室: 医务部)",
        "【责任部门：医务部】",
        "（责任单位：医务部 完成时限：6月）",
        "（主要负责部门：医务部）",
        "（责任领导：张三；责任科室：医务部；完成时限：12月）",
        "【牵头：医务部，配合：护理部】",
        "（主责：医务部；协同：护理部、质控科）",
        "（分管院领导：李四；责任科室：医务部）",
        "（医务部牵头，质控科、护理部配合）",
        "（医务部）",
        "\n责任部门：医务部\n责任人：李四",
    )
    for note in shapes:
        text = f"某院工作计划\n\n一、医疗\n\n持续改进质量。{note}\n"
        assert extract_items(text)[0].lead_departments == ["医务部"], note


def test_sub_points_and_lines_of_departments_belong_to_their_item():
    text = (
        "某院2024年工作计划\n\n一、党建\n\n引言一段。\n\n（一）政治引领\n\n抓好学习。\n\n1.开展学习3次。\n\n"
        "2.完善制度。\n\n责任部门：党委办公室、宣传部\n\n（二）作风建设\n\n改进作风。\n\n牵头部门：医务部\n\n配合部门：护理部\n"
    )
    one, other = extract_items(text)
    assert one.lead_departments == ["党委办公室", "宣传部"]
    assert one.text.startswith("（一）政治引领抓好学习。1.开展学习3次。2.完善制度。")
    assert (other.lead_departments, other.text[:7]) == (["医务部"], "（二）作风建设")


def test_headings_over_items_that_name_their_leads_are_no_part_of_them():
    text = (
        "某院2025年工作要点\n一、党建\n（一）政治引领\n1．学习不少于12次。责任部门：党办\n"
        "2．廉政教育4次。\n责任部门：纪委\n（二）队伍建设\n3．引进博士5名。\n责任部门：人事科\n"
    )
    assert [(i.text[:2], i.lead_departments) for i in extract_items(text)] == [
        ("1．", ["党办"]),
        ("2．", ["纪委"]),
        ("3．", ["人事科"]),
    ]


def test_a_plan_laid_out_as_a_table():
    text = (
        "2025年重点工作\n序号\t重点工作\t目标要求\t牵头部门\t配合部门\n一、党建\t\t\t\t\n"
        "1\t理论学习\t学习12次以上\t党办\t各支部\n2\t学科建设\t新增专科2\n个\t医务部、科教科\t各科\n"
    )
    one, other = extract_items(text)
    assert (one.section_title, one.lead_departments, [t.mention for t in one.targets]) == (
        "党建",
        ["党办"],
        ["12次以上"],
    )
    assert other.lead_departments == ["医务部", "科教科"]
    assert all(text[t.start : t.end] == t.mention for i in (one, other) for t in i.targets)


def test_brackets_that_hold_no_departments_are_no_leads():
    items = extract_items("某院工作计划\n一、医疗\n印发管理办法（试行）。\n改进质量。（牵头部门：医务部）\n")
    assert [i.lead_departments for i in items] == [["医务部"]]


def test_a_section_can_be_an_item_itself():
    items = extract_items("某院工作要点\n一、完成搬迁（牵头部门：后勤部）\n二、电子病历达到五级（牵头部门：信息科）\n")
    assert [(i.section_no, i.section_title, i.lead_departments) for i in items] == [
        (1, "完成搬迁", ["后勤部"]),
        (2, "电子病历达到五级", ["信息科"]),
    ]
    assert [t.grade for t in items[1].targets] == ["五级"]


def test_who_leads_a_section_leads_its_items():
    items = extract_items(
        "某院2023年工作计划\n一、党建（牵头领导：张三；责任科室：党办、纪检室）\n1、学习不少于10次。\n2、发展党员6名。\n"
        "二、后勤（责任科室：总务科）\n3、新增车位90个。\n三、完成搬迁（责任科室：基建科）\n"
    )
    assert [(i.section_title, i.text[:2], i.lead_departments) for i in items] == [
        ("党建", "1、", ["党办", "纪检室"]),
        ("党建", "2、", ["党办", "纪检室"]),
        ("后勤", "3、", ["总务科"]),
        ("完成搬迁", "三、", ["基建科"]),
    ]
    assert [[t.mention for t in i.targets] for i in items] == [["不少于10次"], ["6名"], ["90个"], []]


@pytest.mark.parametrize(
    "text",
    [
        "序号\t工作任务\t牵头\n领导\t责任部门\t完成\n时限\n1\t建设卒中中心\t张三\t神经内科、\n急诊科\t9月\n"
        "2\t开展试点\t李四\t护理部\t12月\n",
        "| 工作任务 | 责任部门 | 完成时限 |\n|---|---|---|\n"
        "| 建设卒中中心 | 神经内科、急诊科 | 9月 |\n| 开展试点 | 护理部 | 12月 |\n",
    ],
)
def test_tables_of_work_with_broken_headers_or_drawn_with_pipes(text):
    assert [i.lead_departments for i in extract_items(text)] == [["神经内科", "急诊科"], ["护理部"]]


def test_a_report_without_sections_has_no_items():
    assert extract_items("医院简介。开放床位600张。") == []


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("党委办公室、人力资源\n\n部", ["党委办公室", "人力资源部"]),
        ("医务部，护理部;药学部", ["医务部", "护理部", "药学部"]),
        ("医务部；配合部门：护理部", ["医务部"]),
        ("人力资源部 科教科", ["人力资源部", "科教科"]),
        ("医务部和护理部", ["医务部", "护理部"]),
        ("科 教 科、和谐科", ["科教科", "和谐科"]),
        ("", []),
    ],
)
def test_departments_are_split_and_cleaned(written, names):
    assert split_departments(written) == names


@needs_shared
def test_the_annotated_work_plan_is_read_exactly():
    items = extract_items(document("imu-affiliated-workplan-2024"))
    rows = gold("imu-affiliated-workplan-2024.items")
    assert len(items) == len(rows)
    for item, row in zip(items, rows, strict=True):
        for name in ("item_no", "section_no", "section_title", "lead_departments"):
            assert getattr(item, name) == row[name], row["item_no"]
        assert item.text.startswith(row["first_words"])
        assert len(item.text) == row["chars"]
