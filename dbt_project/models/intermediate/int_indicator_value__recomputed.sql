-- From operand to result: each figure is offered to every formula that names its line, then a formula's operands
-- are gathered. One join with the short list of terms and one aggregation, no look-up a row.
-- The primary key of fct_indicator_value keeps the grain: a test would compute it all again.
with corrected as (
    select submission_id from {{ ref('stg_raw__corrected_entry') }}
),

operands as not materialized (
    select
        operand.submission_id,
        term.line_code,
        -- A figure of 2019 is the "year before" of a growth for 2020.
        case
            when term.year_offset = 0 then operand.period_code
            when operand.period_code ~ '^[0-9]{4}$'
                then cast(cast(operand.period_code as integer) - term.year_offset as text)
        end as period_code,
        operand.department_name_key,
        term.formula_kind,
        term.multiplier,
        term.term_count,
        term.term_no,
        term.coefficient,
        operand.value,
        operand.read_from,
        operand.read_to
    from {{ ref('int_indicator_value') }} as operand
    inner join {{ ref('stg_reference__formula_term') }} as term
        on
            operand.form = term.form
            and operand.line_code = term.term_line_code
    where
        -- What a correction takes away is no operand, but bounds the time in which there was one.
        (operand.value is not null or operand.read_from is not null)
        and operand.held_back_at is null
),

-- Where an operand was corrected, the result is another one from then on: a row for each span of time between such
-- moments. Everywhere else one row, without a beginning or an end, and no look at moments: those submissions are many.
changes as (
    select distinct
        operands.submission_id,
        operands.line_code,
        operands.period_code,
        operands.department_name_key,
        bound.moment
    from operands
    cross join lateral (values (operands.read_from), (operands.read_to)) as bound (moment)
    where
        operands.submission_id in (select corrected.submission_id from corrected)
        and operands.read_from is not null
        and bound.moment is not null
),

moments as (
    select
        submission_id,
        line_code,
        period_code,
        department_name_key,
        moment as known_from,
        lead(moment) over (
            partition by submission_id, line_code, period_code, department_name_key
            order by moment asc
        ) as known_to
    from changes
),

timed as (
    select
        operands.*,
        cast(null as timestamptz) as known_from,
        cast(null as timestamptz) as known_to
    from operands
    where
        operands.submission_id not in (select corrected.submission_id from corrected)
    union all
    select
        operands.*,
        moments.known_from,
        moments.known_to
    from operands
    left join moments
        on
            operands.submission_id = moments.submission_id
            and operands.line_code = moments.line_code
            and operands.period_code = moments.period_code
            and operands.department_name_key = moments.department_name_key
    where
        operands.submission_id in (select corrected.submission_id from corrected)
        and coalesce(moments.known_from >= operands.read_from, true)
        and coalesce(moments.known_from < operands.read_to, true)
),

gathered as (
    select
        submission_id,
        line_code,
        period_code,
        department_name_key,
        known_from,
        known_to,
        formula_kind,
        multiplier,
        -- Every term once. A line that stands twice in one submission makes its formulas ambiguous: they are not
        -- recomputed. (A bit for each term: counting distinct ones would sort every figure of the warehouse.)
        (
            count(value) = max(term_count)
            and bit_or(1 << term_no) = (1 << (max(term_count) + 1)) - 2
        ) as is_complete,
        max(value) filter (where term_no = 1) as term_1,
        max(value) filter (where term_no = 2) as term_2,
        sum(coefficient * value) as signed_sum,
        {{ product_of_terms('coefficient = 1') }} as above,
        {{ product_of_terms('coefficient = -1') }} as below
    from timed
    where period_code is not null
    group by
        submission_id, line_code, period_code, department_name_key, known_from, known_to, formula_kind, multiplier
)

select
    submission_id,
    line_code,
    period_code,
    department_name_key,
    known_from,
    known_to,
    case when formula_kind = 'ratio' then term_1 end as numerator,
    case when formula_kind = 'ratio' then term_2 end as denominator,
    trim_scale(case
        when not is_complete then null
        when formula_kind = 'sum' then signed_sum * multiplier
        when formula_kind = 'growth' then (term_1 - term_2) * multiplier / nullif(term_2, 0)
        else above * multiplier / nullif(below, 0)
    end) as value_recomputed
from gathered
