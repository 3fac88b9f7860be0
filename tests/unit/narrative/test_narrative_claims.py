import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from narrative_documents import SHARED, document, needs_shared

from ingestion.narrative.claims import Claim, extract_claims

SCORER = SHARED.parent / "tools" / "score_claims.py"


def only(text: str) -> Claim:
    claims = extract_claims(text)
    assert len(claims) == 1, [c.mention for c in claims]
    return claims[0]


@pytest.mark.parametrize(
    ("text", "mention", "value", "unit", "comparator"),
    [
        ("年门诊量2100余人次。", "2100余人次", 2100, "person_time", ">"),
        ("接收近300名实习生。", "近300名", 300, "person", "~"),
        ("总用地约15万平方米。", "约15万平方米", 150000, "m2", "~"),
        ("到位经费2300万元。", "2300万元", 23000000, "CNY", "="),
        ("捐赠设备20余万元。", "20余万元", 200000, "CNY", ">"),
        ("抢救成功率稳定在99.9%以上。", "99.9%以上", 99.9, "%", ">="),
        ("药占比控制在25％以下。", "25％以下", 25, "%", "<="),
        ("满意度不低于９５％。", "不低于９５％", 95, "%", ">="),
        ("培养人才百余名。", "百余名", 100, "person", ">"),
        ("新购设备44台。", "44台", 44, "count", "="),
        ("完成手术800台。", "800台", 800, "case", "="),
        ("设病床600张。", "600张", 600, "bed", "="),
        ("印发手册600张。", "600张", 600, "count", "="),
        ("救治新生儿2万余人次。", "2万余人次", 20000, "person_time", ">"),
        ("投入500万专项经费。", "500万", 5000000, "CNY", "="),
        ("设有两个工作站。", "两个", 2, "count", "="),
        ("获得专利一项。", "一项", 1, "count", "="),
        ("检查费用同比下降百分之十二。", "百分之十二", 12, "%", "="),
        ("蒙药销售收入翻一番。", "翻一番", 2, "ratio", "="),
        ("床护比为1:0.6。", "1:0.6", 0.6, "ratio", "="),
        ("平均住院日8.5天。", "8.5天", 8.5, "day", "="),
        ("死亡率为0.01‰。", "0.01‰", 0.01, "permille", "="),
        ("CMI值达到1.12。", "1.12", 1.12, None, "="),
        ("净资产增幅为-1.3%。", "-1.3%", -1.3, "%", "="),
        ("综合实力排名全省第七。", "第七", 7, "rank", "="),
        ("考核跻身全国前12名。", "前12名", 12, "rank", "<="),
        ("考试成绩跃居首位。", "首位", 1, "rank", "="),
        ("门诊人次突破３，５００人次。", "突破３，５００人次", 3500, "person_time", ">"),
        ("完成住院手术共计8233台。", "8233台", 8233, "case", "="),
        ("手术室购置麻醉机5台。", "5台", 5, "count", "="),
        ("现有450个床位。", "450个", 450, "bed", "="),
        ("考核结果全国排名312名。", "312名", 312, "rank", "="),
        ("选派全国劳模5名医师进京。", "5名", 5, "person", "="),
        ("48小时内完成基因测序。", "48小时内", 48, "hour", "<="),
        ("职工满意度达到90分以上。", "90分以上", 90, "count", ">="),
        ("门急诊人次：1035634。", "1035634", 1035634, "person_time", "="),
        ("项目获一百万资助。", "一百万", 1000000, "CNY", "="),
        ("反应时间缩短到11分30秒。", "11分30秒", 11.5, "minute", "="),
        ("三级手术占比提高2个点以上。", "2个点以上", 2, "percentage_point", ">="),
        ("新建门诊楼一栋。", "一栋", 1, "count", "="),
        ("人均预期寿命达到79.2岁。", "79.2岁", 79.2, "year", "="),
        ("帮助6家卫生院设立门诊。", "6家", 6, "count", "="),
        ("博士12人均已到岗。", "12人", 12, "person", "="),
        ("组建4支队伍下乡。", "4支", 4, "count", "="),
        ("收录影响因子超过5分的18篇论文。", "18篇", 18, "count", "="),
        ("争取债券1个亿。", "1个亿", 100000000, "CNY", "="),
        ("总投入两个亿。", "两个亿", 200000000, "CNY", "="),
        ("节约费用近亿元。", "近亿元", 100000000, "CNY", "~"),
        ("把三成的结余分给基层。", "三成", 30, "%", "="),
        ("病死率低于1%的标准。", "低于1%", 1, "%", "<"),
        ("经费增长两倍多。", "两倍多", 2, "ratio", ">"),
        ("12名多学科专家坐诊。", "12名", 12, "person", "="),
        ("专科排行榜居华中地区第3。", "第3", 3, "rank", "="),
        ("门诊次均费用同比-2.3%。", "-2.3%", -2.3, "%", "="),
        ("门诊量增长近一倍。", "近一倍", 1, "ratio", "~"),
        ("投诉量同比下降两成。", "两成", 20, "%", "="),
        ("床护比不低于1:0.6。", "不低于1:0.6", 0.6, "ratio", ">="),
        ("医护比达到1∶1.25以上。", "1∶1.25以上", 1.25, "ratio", ">="),
        ("就诊平均要花两个半小时。", "两个半小时", 2.5, "hour", "="),
        ("平均住院日7天半。", "7天半", 7.5, "day", "="),
        ("检测样本210余万管。", "210余万管", 2100000, "count", ">"),
        ("收到锦旗三百二十面。", "三百二十面", 320, "count", "="),
        ("查处违规行为五起。", "五起", 5, "count", "="),
        ("发热门诊投入一千九百万。", "一千九百万", 19000000, "CNY", "="),
        ("每季度至少开展1次义诊。", "1次", 1, "count", ">="),
        ("资产负债率超过50%的医院数量减少3家。", "3家", 3, "count", "="),
    ],
)
def test_figures_of_every_kind(text, mention, value, unit, comparator):
    claim = only(text)
    assert (claim.mention, claim.value, claim.unit, claim.comparator) == (mention, value, unit, comparator)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("医院绩效考核获评B++等次。", "B++"),
        ("国考等级为A。", "A"),
        ("电子病历应用水平达到七级。", "七级"),
        ("互联互通测评达到四级甲等。", "四级甲等"),
        ("通过三级甲等医院评审。", "三级甲等"),
        ("智慧服务达到3级。", "3级"),
    ],
)
def test_grades(text, grade):
    assert only(text).grade == grade


@pytest.mark.parametrize(
    "text",
    [
        "2023年12月5日，医院召开大会。",
        "根据〔2024〕15号文件执行。",
        "巩固“十四五”成果，谋划“十五五”。",
        "严格落实中央八项规定精神。",
        "坚持“三会一课”制度。",
        "购入GE 256排512层CT和3.0T核磁。",
        "某大学第一附属医院与第二人民医院合作。",
        "作为三级甲等医院发挥引领作用。",
        "围绕四个方面开展工作。",
        "推进一站式服务，建设一批中心。",
        "三级手术管理规范。",
        "强势迈入第一方阵。",
        "把安全放在首位。",
        "《廉洁从业九项准则》要牢记。",
        "建设“五大中心”。",
        "全天候24小时值守。",
        "庆祝建院75周年。",
        "联系电话：0471-1234567。",
        "“一科一品一特色”服务模式。",
        "推进电子病历建设，做好三级查房。",
        "获得“全国百佳医院”称号。",
        "附件1 2024年5月",
        "（共印15份）",
        "节约意识深入人心，签约服务有序推进。",
        "第六届大会上荣获二等奖。",
        "执行7×24小时应急值班。",
        "五年来，事业蓬勃发展。",
        "始终保持质量第一、患者第一。",
        "目前三、四级手术稳步提升。",
        "抓好五项措施和四项重点工作。",
        "每10万人口配置合理。",
        "坚持六个必须坚持，落实两个确立。",
        "约30部门联动。",
        "连续三个季度获好评。",
        "关爱7岁以下儿童。",
        "推进三项改革：流程更顺。",
        "落实母婴安全五项制度。",
        "落实18项医疗质量安全核心制度。",
        "物理师配备低于国际推荐的4人。",
        "医师占比高于三级中医院不低于60%的要求。",
        "床均面积离90平方米的标准差距甚大。",
        "降幅居前三位的依次为甲、乙、丙医院。",
        "对照绩效考核55项指标逐项自评。",
        "聚焦三件大事，我讲四句话、八个字。",
        "评审标准要求护士与床位之比不低于0.6∶1。",
    ],
)
def test_what_is_not_a_claim(text):
    assert [c.mention for c in extract_claims(text)] == []


def test_start_and_end_of_a_change():
    start, end = extract_claims("微创手术占比从18.5%提升至25.5%。")
    assert (start.role, end.role) == ("start", "end")
    assert start.measure == end.measure == "微创手术占比"


def test_a_change_inherits_its_measure_and_has_a_direction():
    level, change = extract_claims("全年出院患者8万人次，同比下降3.5%。")
    assert (change.role, change.direction) == ("change", "decrease")
    assert change.measure == level.measure == "出院患者"


def test_points_are_not_percent():
    level, change = extract_claims("三级手术占比40%，较上年提高2.5个百分点。")
    assert (level.unit, change.unit) == ("%", "percentage_point")
    assert change.role == "change"


def test_brackets_do_not_pass_their_measure_on():
    claims = extract_claims("全年门诊量20万人次（其中急诊3万人次），同比增长5%。")
    assert [c.measure for c in claims] == ["门诊量", "急诊", "门诊量"]


def test_one_verb_for_two_figures():
    _, _, one, other = extract_claims("总收入9亿元，医疗收入8亿元，分别增长6%和7%。")
    assert (one.role, other.role, other.direction) == ("change", "change", "increase")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("年治疗人次由2015年的4 100增至2020年的9300余人次。", [4100, 9300]),
        ("门诊量从1.2增至3.5万人次。", [12000, 35000]),
        ("门诊量从8000增至1.2万人次。", [8000, 12000]),
    ],
)
def test_the_start_of_a_change_may_leave_its_unit_to_the_end(text, values):
    claims = extract_claims(text)
    assert [(c.value, c.unit) for c in claims] == [(value, "person_time") for value in values]
    assert [c.role for c in claims] == ["start", "end"]


def test_a_bound_stands_once_for_a_row():
    claims = extract_claims(
        "两项指标分别控制在40%和15%以下，三率分别不低于90%、95%和98%，甲、乙两率分别达到75%和72%以上。"
    )
    # 以上 at the end of a row may be said of the last alone: 75 and at least 72
    assert [c.comparator for c in claims if c.unit == "%"] == ["<=", "<=", ">=", ">=", ">=", "=", ">="]


def test_a_unit_of_points_stands_once_for_a_row():
    found = extract_claims("三级、四级手术占比分别为50%、20%，较上年分别提高3个和5个百分点。")[2:]
    assert [(c.value, c.unit, c.role) for c in found] == [
        (3, "percentage_point", "change"),
        (5, "percentage_point", "change"),
    ]


def test_a_health_authority_speaks_for_its_region():
    (found,) = extract_claims("某县卫生健康局2023年工作总结\n全县共有助产机构6家。")
    assert (found.value, found.measure) == (6, "助产机构")


def test_lists_carry_their_own_names():
    claims = extract_claims("引进博士1人、硕士16人，招录编制人员80人。")
    assert [c.measure for c in claims] == ["引进博士", "硕士", "招录编制人员"]


def test_targets_and_facts_in_a_summary_with_a_plan():
    text = (
        "某医院2023年工作总结暨2024年工作计划\n\n一、2023年工作回顾\n\n全年门诊量80万人次。\n\n"
        "二、2024年工作计划\n\n力争门诊量突破90万人次，四级手术占比提升3-5个百分点。"
    )
    fact, target, points = extract_claims(text)
    assert (fact.role, fact.period) == ("observed", "2023")
    assert (target.role, target.period, target.comparator) == ("target", "2024", ">")
    assert (points.role, points.direction, points.value, points.value_high) == ("target", "increase", 3, 5)


@pytest.mark.parametrize(
    ("sentence", "period"),
    [
        ("2019年完成手术800台。", "2019"),
        ("“十三五”期间，发表论文36篇。", "2016-2020"),
        ("2018-2020年投入经费90万元。", "2018-2020"),
        ("2022年5月完成义诊3次。", "2022-05"),
        ("年均培养学员80名。", "annual"),
        ("目前在岗医师80人。", "as_of:2025"),
        ("五年来，发表论文36篇。", "2021-2025"),
        ("去年引进博士3人。", "2024"),
        ("较2019年增加3人。", None),
        ("2022年5月启动帮扶以来，累计服务患者2万人次。", "2022-2025"),
    ],
)
def test_periods_resolve_with_the_documents_own_date(sentence, period):
    claim = extract_claims(f"某医院“十四五”发展纪实\n\n2025年，医院迎来新的发展。\n\n{sentence}")[-1]
    assert claim.period == period


def test_a_name_in_quotation_marks_is_no_figure_but_a_quoted_figure_is():
    assert extract_claims("开展“三个一”活动，评级为“A++”。")[0].grade == "A++"


@given(st.integers(1, 10**7), st.sampled_from(["人次", "万元", "项", "张床位", "%"]), st.data())
def test_breaking_lines_does_not_change_a_reading(number, unit, data):
    sentence = f"医院在全年工作中坚持公益性方向，持续改善服务，共计完成各项任务达到{number}{unit}，得到群众认可。"
    at = data.draw(st.integers(20, len(sentence) - 8))
    filler = "医院始终坚持以人民健康为中心的发展思想不断提升服务能力和管理水平推进各项工作落到实处见到实效" * 9
    printed = [filler[n * at : (n + 1) * at] for n in range(8)]
    broken = "\n\n".join([*printed, sentence[:at], sentence[at:]])
    whole, parts = extract_claims(sentence), extract_claims(broken)
    assert [(c.value, c.unit) for c in whole] == [(c.value, c.unit) for c in parts]


ALPHABET = "从由增至提升0123456789.%，。、万亿元人次项余近约前第一二三百名位级A+B“”《》（） \n年月十四五"


@given(st.text(alphabet=ALPHABET, max_size=80))
def test_any_text_gives_claims_that_match_it(text):
    for claim in extract_claims(text):
        assert text[claim.start : claim.end] == claim.mention
        assert claim.mention in claim.quote
        assert claim.quote in text
        assert claim.rule
        json.dumps(claim.to_json())


@needs_shared
@pytest.mark.parametrize("name", ["tongliao-peoples-hospital-2025", "imu-affiliated-workplan-2024"])
def test_annotated_documents(name, tmp_path):
    predicted = tmp_path / "predicted.jsonl"
    lines = [json.dumps(c.to_json(), ensure_ascii=False) for c in extract_claims(document(name))]
    predicted.write_text("\n".join(lines), encoding="utf-8")
    gold = SHARED / "gold" / f"{name}.claims.jsonl"
    run = subprocess.run([sys.executable, SCORER, gold, predicted], capture_output=True, text=True, check=True)
    scores = {line.split()[0]: float(line.split()[-1]) for line in run.stdout.splitlines()[:3]}
    assert scores["core"] >= 0.95, run.stdout
    assert scores["full"] >= 0.80, run.stdout


def test_a_counter_of_several_meanings_keeps_that_of_the_figure_before():
    found = extract_claims("开放床位由1500张（2020年）增加到2600张；手术8000台，其中四级1200台。")
    assert [(c.mention, c.unit) for c in found] == [
        ("1500张", "bed"),
        ("2600张", "bed"),
        ("8000台", "case"),
        ("1200台", "case"),
    ]


def test_a_bare_index_is_read_at_both_ends_of_its_change():
    found = extract_claims("CMI值从0.98提升到1.21。")
    assert [(c.value, c.role) for c in found] == [(0.98, "start"), (1.21, "end")]


def test_the_year_of_a_start_says_nothing_about_what_follows():
    found = extract_claims("2024年度工作总结\n固定资产由2020年的9亿元增至12亿元，总收入增长11%。")
    assert [c.period for c in found] == ["2020", "2024", "2024"]


def test_the_year_a_hospital_was_founded_is_not_the_date_of_its_text():
    assert only("医院始建于1938年，现开放床位818张。").period is None


@pytest.mark.parametrize("width", [20, 28, 34])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_print_that_breaks_lines_anywhere_changes_no_figure(width, gap):
    text = "\n".join(
        f"{i}.加快新院区建设，总投资1{i}.6亿元，规划床位{i}200张，停车位1500个，门急诊人次同比增长{i}.2%以上，"
        f"平均住院日控制在{i}天以内，引进博士{i}-1{i}名，选派20名骨干进修。"
        for i in range(1, 8)
    )
    plain = [(c.value, c.value_high, c.unit, c.comparator) for c in extract_claims(text)]
    printed = gap.join(line[i : i + width] for line in text.split("\n") for i in range(0, len(line), width))
    assert len(plain) == 7 * 7
    assert [(c.value, c.value_high, c.unit, c.comparator) for c in extract_claims(printed)] == plain


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # a year in Chinese digits, a title that ends with a year, a date that is only when the page was written
        ("某县医院二○二三年工作总结\n全年收到锦旗9面。", [("9面", "observed", "2023")]),
        ("数说口腔医院的2025\n5月12日，医院迎来护士节。\n种植义齿1200颗。", [("1200颗", "observed", "2025")]),
        ("医院简介（更新时间：2024年3月）\n医院现有职工900人。", [("900人", "observed", "as_of:2024")]),
        # a hospital's first year says nothing about its figures
        ("医院始建于1951年，现有床位500张。", [("500张", "observed", None)]),
        # a plan by its years; what introduces a list holds for it
        (
            "某医院发展规划（2021—2025年）\n第三章  发展目标\n到2025年，主要目标如下：\n——人才。博士达到10名。",
            [("10名", "target", "2025")],
        ),
        (
            "某医院2023年工作总结\n下半年，我们将抓好以下工作：\n1. 确保门诊量突破80万人次。",
            [("突破80万人次", "target", "2023")],
        ),
        # how things stood at a date, also behind a semicolon
        (
            "某医院发展规划（2021—2025年）\n第一章  发展基础\n截至2020年底，全院占地52亩；在岗职工768人。",
            [("52亩", "observed", "2020"), ("768人", "observed", "2020")],
        ),
        # a year that is compared with is no recollection, and its figure stands in the brackets
        (
            "某医院2024年工作要点\n6.治疗人次较2023年（4200人次）提高20%。",
            [("4200人次", "baseline", "2023"), ("20%", "target", "2024")],
        ),
        # what was asked for and got
        ("某医院2023年工作总结\n争取上级资金120万元。", [("120万元", "observed", None)]),
        # what opens a sentence holds behind its semicolons
        (
            "医院召开会议\n2018年上半年，完成手术900台；分娩700例，较上年同期下降6%。",
            [("900台", "observed", "2018"), ("700例", "observed", "2018"), ("6%", "change", "2018")],
        ),
        # a report without a title begins with its year
        (
            f"2022年，在上级的领导下，医院{'坚持公益方向，' * 9}现将工作总结如下。\n选派进修16人。",
            [("16人", "observed", "2022")],
        ),
        # a year that is said to close a plan is not the plan
        (
            "某医院2025年工作要点\n2025年是“十四五”收官之年，要完成目标：门诊量达到9万人次。",
            [("9万人次", "target", "2025")],
        ),
        # a year in brackets that labels a stage; the years before a plan
        ("某医院发展规划（2022—2024年）\n第二步（2023年）：建成专科3个。", [("3个", "target", "2023")]),
        (
            "某医院发展规划（2022—2024年）\n一、发展基础\n近三年累计开展新技术20项。",
            [("20项", "observed", "2019-2021")],
        ),
        # where a year among those compared with says nothing of the month behind it
        (
            "某医院2025年工作要点\n一、质量。处方点评较2024年提高5%。\n二、安全。8月底前开展演练2次。",
            [("5%", "target", "2025"), ("2次", "target", "2025-08")],
        ),
        # the section that looks ahead in a report; a start in the past makes no fact of what is aimed at
        (
            "某医院2022年工作总结\n一、2022年工作\n新增2个病区。\n二、2023年工作要点\n1.建强学科，培育重点专科5个。",
            [("2个", "observed", "2022"), ("5个", "target", "2023")],
        ),
        ("某医院2025年工作要点\n镇痛率由去年的61%提高到70%。", [("61%", "start", "2024"), ("70%", "target", "2025")]),
        # a year with a word of intent, and a list that says at its end what it is of
        (
            "职代会召开\n会议提出，2019年要深化改革，完成手术8000台，增长5%。",
            [("8000台", "target", "2019"), ("5%", "target", "2019")],
        ),
        (
            "某医院2019年工作总结\n会议明确，实现业务收入2亿元、出院3万人次的目标。",
            [("2亿元", "target", None), ("3万人次", "target", None)],
        ),
        # a word of intent that is a part of another word
        (
            "某医院2019年工作总结\n目标人群发放包裹300人次，计划生育手术20例。",
            [("300人次", "observed", "2019"), ("20例", "observed", "2019")],
        ),
        # 年内 in the section on next year is next year; 净增 and 同比多 are changes
        (
            "某医院2022年工作总结和2023年工作计划\n第一部分 2022年工作\n同比多收治300人次，净增护士20人。\n"
            "第二部分 2023年工作计划\n康复楼年内竣工，增加床位90张。",
            [("300人次", "change", "2022"), ("20人", "observed", "2022"), ("90张", "target", "2023")],
        ),
        # what was asked for and got, in a report
        ("某医院2022年工作总结\n争取债券3000万元。", [("3000万元", "observed", "2022")]),
        # a verb of producing holds to the end of its sentence
        (
            "某医院发展综述\n二、“十三五”成效\n获批国家级项目5项，实现突破；省级项目30项。",
            [("5项", "observed", "2016-2020"), ("30项", "observed", "2016-2020")],
        ),
        # the date under the title or at the foot tells when a text without a year in its title speaks
        (
            "全市医院改革简报\n（2024年11月20日）\n1至10月，出院4万人次；收入比2023年高1.9个百分点。\n到2025年底，床位达到900张。",
            [("4万人次", "observed", "2024"), ("1.9个百分点", "change", None), ("900张", "target", "2025")],
        ),
        # who speaks in January of the past year counts for that year, and looks ahead from 今年 on
        (
            "在职工大会上的讲话\n（2022年1月21日）\n我报告过去一年的工作。\n全院手术2万台，全年派出支援27批。去年，已出生婴儿累计1.1万名；急诊科抢救9000人次。现有职工900人。\n"
            "今年怎么干？手术要超过3万台；再进博士40人。\n到2025年，年收入达到20亿元。",
            [
                ("2万台", "observed", "2021"),
                ("27批", "observed", "2021"),
                ("1.1万名", "observed", None),
                ("9000人次", "observed", "2021"),
                ("900人", "observed", "as_of:2022"),
                ("超过3万台", "target", "2022"),
                ("40人", "target", "2022"),
                ("20亿元", "target", "2025"),
            ],
        ),
        (
            "全市医院改革简报\n（2024年11月20日）\n市域内住院率由2020年的86.4%提高到目前的92.7%。",
            [("86.4%", "start", "2020"), ("92.7%", "end", "as_of:2024")],
        ),
        # a sign for a change; what a notice demands; an estimate for a year gone by; five-year survival is not yearly
        (
            "某委关于2023年运行情况的通报\n出院4万人次（同比+17.2%）。\n四、工作要求\n占比年底前必须回落到5%以内；入径率应达70%以上。",
            [
                ("4万人次", "observed", "2023"),
                ("17.2%", "change", "2023"),
                ("5%以内", "target", "2023"),
                ("70%以上", "target", None),
            ],
        ),
        ("某医院2026年度工作计划\n二、2025年回顾\n2025年预计完成分娩3860例。", [("3860例", "observed", "2025")]),
        ("某医院2020年总结\n鼻咽癌五年总生存率86%。", [("86%", "observed", "2020")]),
        # the new year, and the year ahead with its intent a clause later; 三年内 is not this year
        (
            "某医院2022年工作回眸\n新的一年，医院将锚定目标，计划新增床位800张；力争引进30人。",
            [("800张", "target", "2023"), ("30人", "target", "2023")],
        ),
        (
            "某集团2024年度报告\n四、问题和打算\n2025年，集团将推进统一管理，占比达到58%；项目由目前的192项扩大到300项。",
            [("58%", "target", "2025"), ("192项", "start", "as_of:2024"), ("300项", "target", "2025")],
        ),
        (
            "某医院三年行动方案（2023—2025年）\n三年内打造专科5个，年内完成2个。",
            [("5个", "target", "2023-2025"), ("2个", "target", "2023")],
        ),
        # 占比到2025年 is no comparison; 较上年 recalls no fact in a plan; a month goes with the year of its plan
        (
            "某医院2025年工作要点\n1.诊疗量占比到2025年达到65%，结算率较上年再提高10个百分点，较2023年、2024年好转。\n"
            "2.6月底前投资3亿元。",
            [("65%", "target", "2025"), ("10个百分点", "target", "2025"), ("3亿元", "target", "2025-06")],
        ),
        # 年内 behind the year ahead is that year
        (
            "某医院2023年自评报告\n四、下一步措施\n2024年，力争占比不低于25%；年内招聘20人。",
            [("不低于25%", "target", "2024"), ("20人", "target", "2024")],
        ),
        # five years and each of them
        (
            "某医院2024年工作总结\n近五年来，承担课题22项；每年接收实习生500人，培养研究生60名。",
            [("22项", "observed", "2020-2024"), ("500人", "observed", "annual"), ("60名", "observed", "annual")],
        ),
    ],
)
def test_when_and_how_a_figure_is_meant(text, found):
    read = [(c.mention, c.role, c.period) for c in extract_claims(text)]
    assert [(mention, role) for mention, role, _ in read] == [(mention, role) for mention, role, _ in found]
    assert [p for (*_, p), (*_, wanted) in zip(read, found, strict=True) if wanted] == [p for *_, p in found if p]


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        ("治疗人次较上年（4200人次）提高20%。", ["治疗人次", "治疗人次"]),
        ("购置彩超两台。", ["彩超"]),
        ("与9个县（市）医院共建联盟。", ["县(市)医院共建联盟"]),
        ("转化金额300万元，是上年的2倍。", ["转化金额", "转化金额"]),
        ("接诊3万人次，与去年同期相比增加2000人次。", ["接诊", "接诊"]),
        ("接诊3万人次，增加床位90张。", ["接诊", "增加床位"]),
        ("病床周转31次/年。", ["病床周转"]),
        ("抽调8名护士支援隔离点。", ["护士"]),
        ("由" * 40000 + "门诊量增长12%。", ["门诊量"]),
        ("死亡率1%，居民素养水平提升2个百分点。", ["死亡率", "居民素养水平"]),
        ("满意度96分，在全省40家医院中排名第二。", ["满意度", "医院", "满意度排名"]),
        ("出院5000例，手术900台（四级占9%），分别增长3%和4%。", ["出院", "手术", "四级", "出院", "手术"]),
        ("室间质评参加率、合格率分别为98.6%、97.2%。", ["室间质评参加率", "合格率"]),
        ("脑病科、针灸科门诊量分别为1.3万和1.2万人次。", ["脑病科门诊量", "针灸科门诊量"]),
        ("药品、耗材和检查检验收入占比分别为25%、17%和20%。", ["药品收入占比", "耗材收入占比", "检查检验收入占比"]),
        (
            "平均住院日压减到8天；门诊、住院次均费用年增幅力争分别不超过4%和3%。",
            ["平均住院日", "门诊次均费用年增幅", "住院次均费用年增幅"],
        ),
        ("诊疗量占比68%，五年提高9个百分点。", ["诊疗量占比"] * 2),
        ("微创手术，至年底已完成28台。", ["微创手术"]),
        ("重症床位从36张紧急扩容至120张。", ["重症床位", "重症床位"]),
        ("下半年确保完成门急诊28万人次。", ["门急诊"]),
        ("综合实力进入全省医院前八，综合排名进入全国前八。", ["综合实力排名", "综合排名"]),
    ],
)
def test_measures_by_their_own_words(text, measures):
    assert [c.measure.removeprefix("购置") for c in extract_claims("某医院2023年工作总结\n" + text)] == measures


@pytest.mark.parametrize(
    "text",
    [
        "全市共有助产机构23家。",
        "急救时间较国家标准90分钟更短。",
        "进入全省前五的专科另有名录。",
    ],
)
def test_what_is_not_of_the_hospital(text):
    assert [c.mention for c in extract_claims("某医院2023年工作总结\n" + text)] in ([], ["前五"])
