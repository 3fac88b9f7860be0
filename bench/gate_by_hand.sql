-- The checks of the gate written by hand for one year of full returns without patches or departments: what a
-- statement per rule family costs when it is written straight on the entries. It keeps what the gate keeps of a year, a
-- disposition for every entry and every finding with its words, in tables that survive a crash.
create unlogged table public.by_hand_figure as
select
    e.submission_id,
    e.entry_id,
    s.hospital_code,
    s.form,
    s.reporting_year,
    e.line_code,
    e.period::integer as year,
    e.value,
    e.value_raw,
    e.locator,
    l.value_type,
    t.formula_kind,
    e.notes,
    e.unit_raw,
    l.unit as unit_expected,
    m.low,
    m.high,
    m.line_code is not null as has_limits,
    case when l.value_type = 'integer' then 0 else 0.5 * power(10::numeric, -e.stated_decimals) end as half_unit,
    0.5 * power(10::numeric, -e.stated_decimals) as decimals_unit,
    row_number() over (partition by e.submission_id, e.line_code, e.period order by e.ordinal) as copy_no
from audit.submission as s
inner join raw.entry as e on s.submission_id = e.submission_id
left join reference.form_line as l on s.form = l.form and e.line_code = l.line_code
left join reference.line_limit as m on s.form = m.form and e.line_code = m.line_code
left join (select distinct form, line_code, formula_kind from reference.formula_term) as t
    on s.form = t.form and e.line_code = t.line_code
where s.reporting_year = 2020 and e.entry_kind = 'value';
analyze public.by_hand_figure;

create table public.by_hand_finding (
    submission_id text not null,
    entry_id bigint,
    rule_id text not null,
    line_code text,
    year integer,
    stated text,
    expected text,
    difference numeric,
    locator text
);

insert into public.by_hand_finding
select
    f.submission_id,
    f.entry_id,
    r.rule_id,
    f.line_code,
    f.year,
    f.value_raw,
    case r.rule_id
        when 'percent-impossible' then '0 – 100' when 'unit-differs' then f.unit_expected
        when 'outside-limits' then concat_ws(' – ', f.low, f.high)
    end,
    null::numeric,
    f.locator
from public.by_hand_figure as f
cross join lateral (values
    ('line-unknown', f.value_type is null),
    ('line-repeated', f.copy_no > 1),
    ('not-a-number', f.value is null and 'not_a_number' = any(f.notes)),
    ('number-not-finite', not abs(f.value) < 'Infinity'),
    ('percent-impossible', f.value_type = 'percent' and not f.has_limits and f.formula_kind is null
        and f.value not between 0 and 100),
    ('percent-unusual', f.value_type = 'percent' and not f.has_limits and f.formula_kind != 'growth'
        and f.value not between -100 and 300),
    ('growth-impossible', f.formula_kind = 'growth' and f.value < -100),
    ('year-after-reporting', f.year > f.reporting_year),
    ('count-negative', f.value_type = 'integer' and f.value < 0),
    ('count-not-whole', f.value_type = 'integer' and f.value != trunc(f.value)),
    ('quantity-negative', f.value_type in ('number', 'ratio') and not f.has_limits and f.value < 0),
    ('outside-limits', f.value < f.low or f.value > f.high),
    ('unit-differs', lower(replace(normalize(f.unit_raw, nfkc), ' ', '')) != lower(normalize(f.unit_expected, nfkc))),
    ('notation-suspicious', array_to_string(f.notes, ' ') ~ '\m(doubled_percent|scientific|comparison_word)\M'),
    ('label-differs', 'label_differs' = any(f.notes))
) as r (rule_id, is_failed)
where r.is_failed;

insert into public.by_hand_finding
select
    f.submission_id,
    f.entry_id,
    r.rule_id,
    f.line_code,
    f.year,
    f.value_raw,
    trim_scale(round(c.recomputed, 2))::text,
    f.value - c.recomputed,
    f.locator
from public.by_hand_figure as f
inner join (
    select
        f.submission_id,
        f.entry_id,
        t.formula_kind,
        t.multiplier * case t.formula_kind
            when 'sum' then sum(t.coefficient * o.value)
            when 'growth'
                then
                    (gate.product(o.value) filter (where t.coefficient = 1)
                    - gate.product(o.value) filter (where t.coefficient = -1))
                    / nullif(gate.product(o.value) filter (where t.coefficient = -1), 0)
            else
                gate.product(o.value) filter (where t.coefficient = 1)
                / nullif(coalesce(gate.product(o.value) filter (where t.coefficient = -1), 1), 0)
        end as recomputed,
        sum(o.half_unit) as half_units,
        sum(o.half_unit / nullif(abs(o.value), 0)) as relative_half_units,
        count(*) = count(o.value) as is_complete
    from public.by_hand_figure as f
    inner join reference.formula_term as t on f.form = t.form and f.line_code = t.line_code
    left join public.by_hand_figure as o
        on f.submission_id = o.submission_id and t.term_line_code = o.line_code and f.year + t.year_offset = o.year
    group by f.submission_id, f.entry_id, t.formula_kind, t.multiplier
) as c on f.submission_id = c.submission_id and f.entry_id = c.entry_id
cross join lateral (
    select
        f.decimals_unit
        + case c.formula_kind when 'sum' then c.half_units else abs(c.recomputed) * c.relative_half_units end as tolerance
) as t
cross join lateral (
    select 'formula-' || c.formula_kind as rule_id
    union all
    select 'unit-scale-formula'
    where exists (
        select from unnest(array[-8, -4, -3, -2, 2, 3, 4, 8]) as p (power_of_ten)
        where abs(f.value * power(10::numeric, p.power_of_ten) - c.recomputed) <= 0.02 * abs(c.recomputed)
    )
) as r
where c.is_complete and abs(f.value - c.recomputed) > t.tolerance;

insert into public.by_hand_finding
select
    f.submission_id,
    f.entry_id,
    n.rule_id,
    f.line_code,
    f.year,
    f.value_raw,
    o.value_raw || ' (' || r.other_line_code || ')',
    f.value - o.value,
    f.locator
from public.by_hand_figure as f
inner join reference.line_relation as r on f.form = r.form and f.line_code = r.line_code and r.relation != 'parts'
inner join public.by_hand_figure as o
    on f.submission_id = o.submission_id and r.other_line_code = o.line_code and f.year = o.year
cross join lateral (
    select case r.relation when 'same_as' then 'shared-lines-disagree' else 'part-above-whole' end as rule_id
    union all
    select 'unit-scale-shared'
    where r.relation = 'same_as' and exists (
        select from unnest(array[-8, -4, -3, -2, 2, 3, 4, 8]) as p (power_of_ten)
        where abs(f.value * power(10::numeric, p.power_of_ten) - o.value) <= 0.02 * abs(o.value)
    )
) as n
where
    case r.relation when 'same_as' then abs(f.value - o.value) else f.value - o.value end
    > greatest(f.decimals_unit, o.decimals_unit);

insert into public.by_hand_finding
select
    f.submission_id,
    f.entry_id,
    'parts-above-whole',
    f.line_code,
    f.year,
    f.value_raw,
    '≥ ' || sum(o.value),
    f.value - sum(o.value),
    f.locator
from public.by_hand_figure as f
inner join reference.line_relation as r on f.form = r.form and f.line_code = r.line_code and r.relation = 'parts'
inner join public.by_hand_figure as o
    on f.submission_id = o.submission_id and r.other_line_code = o.line_code and f.year = o.year
group by f.submission_id, f.entry_id, f.line_code, f.year, f.value_raw, f.locator, f.value, f.decimals_unit
having sum(o.value) - f.value > f.decimals_unit;

insert into public.by_hand_finding
with required as (
    select
        s.submission_id,
        s.reporting_year,
        l.line_code,
        l.label_zh,
        f.entry_id is not null as is_present,
        count(f.entry_id) over one_indicator as present,
        row_number() over (one_indicator order by l.ordinal) as place
    from audit.submission as s
    inner join reference.form_line as l on s.form = l.form and l.requirement = 'required'
    left join public.by_hand_figure as f
        on s.submission_id = f.submission_id and l.line_code = f.line_code and s.reporting_year = f.year
    where s.reporting_year = 2020
    window one_indicator as (partition by s.submission_id, coalesce(l.indicator_code, l.line_code))
)

select
    submission_id,
    null::bigint,
    case when present > 0 then 'required-line-missing' else 'indicator-missing' end,
    line_code,
    reporting_year,
    '',
    label_zh,
    null::numeric,
    null::text
from required
where case when present > 0 then not is_present else place = 1 end;

insert into public.by_hand_finding
select
    o.submission_id,
    null::bigint,
    r.rule_id,
    null::text,
    null::integer,
    o.entries::text,
    null::text,
    null::numeric,
    null::text
from (
    select
        s.submission_id,
        count(f.entry_id) as entries,
        count(*) filter (where f.year = s.reporting_year and f.value is not null) as in_year,
        100.0 * count(f.value_type) / nullif(count(f.entry_id), 0) as known_pct
    from audit.submission as s
    left join public.by_hand_figure as f on s.submission_id = f.submission_id
    where s.reporting_year = 2020
    group by s.submission_id
) as o
cross join lateral (values
    ('submission-empty', o.entries = 0),
    ('reporting-year-absent', o.in_year = 0),
    ('lines-mostly-unknown', o.known_pct < 30)
) as r (rule_id, is_failed)
where r.is_failed;

-- Changes on the year before, against those of the other hospitals and against the hospital's own.
insert into public.by_hand_finding
with change as (
    select
        f.*,
        o.value as before,
        ln(f.value::double precision / o.value::double precision) as log_change
    from public.by_hand_figure as f
    inner join public.by_hand_figure as o
        on f.submission_id = o.submission_id and f.line_code = o.line_code and f.year - 1 = o.year
    where f.value > 0 and o.value > 0 and f.formula_kind is distinct from 'growth'
),

peer as (
    select
        m.line_code,
        m.median,
        1.4826 * percentile_cont(0.5) within group (order by abs(c.log_change - m.median)) as deviation
    from (
        select line_code, percentile_cont(0.5) within group (order by log_change) as median
        from change
        where year = reporting_year
        group by line_code
        having count(*) >= 20
    ) as m
    inner join change as c on m.line_code = c.line_code and c.year = c.reporting_year
    group by m.line_code, m.median
),

own as (
    select
        m.submission_id,
        m.line_code,
        m.median,
        1.4826 * percentile_cont(0.5) within group (order by abs(c.log_change - m.median)) as deviation
    from (
        select submission_id, line_code, percentile_cont(0.5) within group (order by log_change) as median
        from change
        where year < reporting_year
        group by submission_id, line_code
        having count(*) >= 4
    ) as m
    inner join change as c
        on m.submission_id = c.submission_id and m.line_code = c.line_code and c.year < c.reporting_year
    group by m.submission_id, m.line_code, m.median
)

select
    c.submission_id,
    c.entry_id,
    r.rule_id,
    c.line_code,
    c.year,
    c.value_raw,
    trim_scale(c.before) || ' (' || c.year - 1 || ')',
    null::numeric,
    c.locator
from change as c
left join peer as p on c.line_code = p.line_code
left join own as o on c.submission_id = o.submission_id and c.line_code = o.line_code
cross join lateral (values
    ('jump-beside-peers', exp(abs(c.log_change)) > 2
        and abs(c.log_change - p.median) >= 6 * greatest(p.deviation, 1e-6)),
    ('jump-own-history', exp(abs(c.log_change)) > 1.5
        and abs(c.log_change - o.median) >= 6 * greatest(o.deviation, 1e-6)),
    ('unit-scale-last-year', exp(abs(c.log_change)) between 50 and 200 and c.value_type = 'percent'
        or exp(abs(c.log_change)) between 5e3 and 2e4 and c.value_type != 'percent')
) as r (rule_id, is_failed)
where c.year = c.reporting_year and r.is_failed;

insert into public.by_hand_finding
with middle as (
    select
        form,
        line_code,
        percentile_cont(0.5) within group (order by value) as median
    from public.by_hand_figure
    where year = reporting_year and value_type in ('percent', 'ratio', 'number')
    group by form, line_code
    having count(*) >= 20
),

spread as (
    select
        m.form,
        m.line_code,
        m.median,
        1.4826 * percentile_cont(0.5) within group (order by abs(f.value - m.median)) as deviation
    from middle as m
    inner join public.by_hand_figure as f on m.form = f.form and m.line_code = f.line_code
    group by m.form, m.line_code, m.median
)

select
    f.submission_id,
    f.entry_id,
    'peer-outlier',
    f.line_code,
    f.year,
    f.value_raw,
    trim_scale(round(s.median::numeric, 2))::text,
    null::numeric,
    f.locator
from public.by_hand_figure as f
inner join spread as s on f.form = s.form and f.line_code = s.line_code
where
    f.year = f.reporting_year
    and abs(f.value - s.median) > 6 * greatest(s.deviation, 1e-6)
    and greatest(f.value / nullif(s.median, 0), s.median / nullif(f.value, 0)) > 2;

-- What is decided is kept: a table that survives a crash, with the key that the record of the gate has.
create table public.by_hand_disposition (
    run_id text not null,
    submission_id text not null,
    entry_id bigint not null,
    disposition text not null,
    rules_checked text[] not null,
    rules_failed text[],
    primary key (run_id, submission_id, entry_id)
);
insert into public.by_hand_disposition
with line_rule as (
    select form, line_code, array_agg(distinct rule_id) as rules
    from (
        select form, line_code, 'formula-' || formula_kind as rule_id from reference.formula_term
        union all
        select form, line_code, 'unit-scale-formula' from reference.formula_term
        union all
        select
            form,
            line_code,
            case relation
                when 'same_as' then 'shared-lines-disagree' when 'at_most' then 'part-above-whole' else 'parts-above-whole'
            end
        from reference.line_relation
    ) as r
    group by form, line_code
)

select
    'by hand',
    f.submission_id,
    f.entry_id,
    case
        when bool_or(n.rule_id in ('line-repeated', 'not-a-number', 'number-not-finite', 'percent-impossible',
            'growth-impossible', 'count-negative', 'quantity-negative', 'outside-limits', 'year-after-reporting'))
            then 'quarantined'
        when count(n.rule_id) > 0 then 'flagged'
        else 'accepted'
    end as disposition,
    array_remove(array[
        'line-unknown', 'line-repeated',
        case when f.value_type in ('integer', 'number', 'percent', 'ratio') then 'not-a-number' end,
        case when f.value is not null then 'number-not-finite' end,
        case when f.value_type = 'percent' and not f.has_limits and f.formula_kind is null then 'percent-impossible' end,
        case when f.value_type = 'percent' and not f.has_limits and f.formula_kind != 'growth' then 'percent-unusual' end,
        case when f.formula_kind = 'growth' then 'growth-impossible' end,
        case when f.year is not null then 'year-after-reporting' end,
        case when f.value_type = 'integer' and not f.has_limits then 'count-negative' end,
        case when f.value_type = 'integer' then 'count-not-whole' end,
        case when f.value_type in ('number', 'ratio') and not f.has_limits then 'quantity-negative' end,
        case when f.has_limits then 'outside-limits' end,
        case when f.unit_expected is not null then 'unit-differs' end,
        case when cardinality(f.notes) > 0 then 'notation-suspicious' end,
        case when cardinality(f.notes) > 0 then 'label-differs' end
    ], null) || l.rules as rules_checked,
    array_agg(n.rule_id) as rules_failed
from public.by_hand_figure as f
left join line_rule as l on f.form = l.form and f.line_code = l.line_code
left join public.by_hand_finding as n on f.submission_id = n.submission_id and f.entry_id = n.entry_id
group by
    f.submission_id, f.entry_id, f.value_type, f.formula_kind, f.year, f.value, f.has_limits, f.unit_expected, f.notes,
    l.rules;
