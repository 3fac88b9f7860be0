-- What two submissions of a hospital say of the same figure. A claim, and a line of a form that has no lines of its own,
-- is compared with the line of a national return whose name it carries word for word, where only one line of that form,
-- or only one indicator, has this name and the units go together; a guess at what is meant would make findings of its own.
insert into gate.statement_check (
    submission_id, entry_id, form, reporting_year, line_code, period, year, locator, stated, expected, kind, difference,
    tolerance, deviation, scale_slip
)
with named_line as materialized (
    select
        form,
        coalesce(min(line_code) filter (where is_indicator), min(line_code)) as line_code,
        coalesce(min(value_type) filter (where is_indicator), min(value_type)) as value_type,
        coalesce(min(unit) filter (where is_indicator), min(unit)) as unit,
        n.name
    from reference.form_line
    cross join lateral (select gate.plain_name(label_zh) as name) as n
    where value_type in ('integer', 'number', 'percent', 'ratio')
    group by form, n.name
    having count(*) = 1 or count(*) filter (where is_indicator) = 1
),

-- Claims, and figures of forms without lines of their own. Few submissions of a year are of such forms: they are found
-- before any entry is read.
source as materialized (
    select b.*
    from gate.batch_submission as b
    where not exists (select from reference.form_line as l where l.form = b.form)
),

said as materialized (
    select
        e.submission_id,
        e.entry_id,
        e.locator,
        e.period,
        e.entry_kind,
        e.value,
        e.unit,
        e.value_raw,
        e.comparator,
        b.hospital_code,
        b.form,
        b.reporting_year,
        gate.plain_name(e.label_raw) as name,
        substring(e.period from '([0-9]{4})$')::integer as year
    from source as b
    inner join raw.reading as e on b.submission_id = e.submission_id
    where
        (e.entry_kind = 'value' or (e.entry_kind = 'claim' and e.role in ('observed', 'end')))
        and coalesce(e.department_name, '') in ('', '医院', '全院', '院级', '汇总')
        and abs(e.value) < 'Infinity'::numeric
        and e.value_high is null
        and e.period ~ '^(as_of:)?[0-9]{4}$'
),

elsewhere as (
    select
        s.submission_id,
        s.entry_id,
        s.form,
        s.reporting_year,
        null::text as line_code,
        s.period,
        s.year,
        s.locator,
        s.value_raw as stated,
        p.stated || ' (' || p.form || ' ' || p.line_code || ')' as expected,
        case s.entry_kind when 'claim' then 'claim' else 'form' end as kind,
        s.value,
        p.value as other_value,
        -- A figure with 余, 近, 超 and the like stands for what lies within a tenth of it.
        greatest(
            0.5 * power(10::numeric, -length(coalesce(substring(s.value_raw from '\.([0-9]+)'), '')))
            * case when s.value_raw ~ '亿' then 100000000 when s.value_raw ~ '万' then 10000 else 1 end,
            0.5 * power(10::numeric, -p.stated_decimals),
            case when coalesce(s.comparator, '=') != '=' then 0.1 * abs(s.value) end
        ) as tolerance
    from said as s
    inner join named_line as l on s.name = l.name
    inner join gate.batch_submission as b on s.hospital_code = b.hospital_code and l.form = b.form
    inner join gate.entry_check as p
        on b.base_key = p.base_key and l.line_code = p.line_code and s.year = p.year and p.copy_no = 1
    where
        b.submission_key = b.base_key
        and p.department_key = ''
        and p.is_finite
        and case
            when s.unit is null then true
            when l.unit = '%' then s.unit = '%'
            when l.unit = '元' then s.unit in ('CNY', '元')
            when l.value_type = 'integer' then s.unit not in ('%', 'percentage_point', 'CNY', '元', 'grade', 'rank', 'ratio')
            else s.unit = l.unit or (l.unit = '天' and s.unit = 'day')
        end
),

-- What a return says of an earlier year, and what the return of that time said.
earlier as (
    select
        e.submission_id,
        e.entry_id,
        e.form,
        e.reporting_year,
        e.line_code,
        e.period,
        e.year,
        e.locator,
        e.stated,
        p.stated || ' (' || p.reporting_year || ')' as expected,
        'earlier_return' as kind,
        e.value,
        p.value as other_value,
        greatest(f.decimals_unit, p.decimals_unit) as tolerance
    from gate.prior_figure as p
    inner join gate.batch_submission as b
        on p.hospital_code = b.hospital_code and p.form = b.form and b.submission_key = b.base_key
    inner join gate.figure as f
        on
            b.base_key = f.base_key
            and p.line_code = f.line_code
            and p.department_key = f.department_key
            and p.year = f.year
            and not f.is_prior
    inner join gate.entry_check as e on f.check_id = e.check_id
),

both_kinds as (
    select * from elsewhere
    union all
    select * from earlier
)

select
    s.submission_id,
    s.entry_id,
    s.form,
    s.reporting_year,
    s.line_code,
    s.period,
    s.year,
    s.locator,
    s.stated,
    s.expected,
    s.kind,
    s.value - s.other_value as difference,
    s.tolerance,
    (abs(s.value - s.other_value) / s.tolerance)::double precision as deviation,
    case when abs(s.value - s.other_value) > s.tolerance then coalesce(k.power_of_ten, 0) else 0 end as scale_slip
from both_kinds as s
left join lateral (
    select p.power_of_ten
    from unnest(array[-2, 2, -3, 3, -4, 4, -8, 8]) as p (power_of_ten)
    where
        abs(s.value - s.other_value) > s.tolerance
        and abs(s.value * power(10::numeric, p.power_of_ten) - s.other_value) <= 0.02 * abs(s.other_value)
        and s.other_value != 0
    limit 1
) as k on true
