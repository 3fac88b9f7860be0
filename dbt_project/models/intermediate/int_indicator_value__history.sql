-- Carries the figures along: joining them on again afterwards would sort the whole warehouse twice more.
with ranked as (
    select
        value.*,
        standing.submission_key,
        value.known_from as valid_from,
        standing.closed_at,
        -- When whatever outranks this figure became known: a later reporting year, else a later revision.
        min(value.known_from) over (
            partition by
                value.hospital_code, value.form, value.measure, value.period_code, value.department_name_key,
                value.subject_zh, value.role, value.statement_no
            order by
                value.reporting_year desc, value.revision desc, value.ordinal desc, value.entry_id asc,
                value.known_from desc
            rows between unbounded preceding and 1 preceding
        ) as outranked_at
    from {{ ref('int_indicator_value') }} as value
    inner join {{ ref('int_submission__standing') }} as standing on value.submission_id = standing.submission_id
)

select
    submission_id,
    submission_key,
    entry_id,
    hospital_code,
    form,
    reporting_year,
    revision,
    line_code,
    measure,
    period_code,
    department_name_key,
    value,
    value_stated,
    correction_id,
    value_high,
    stated_decimals,
    grade,
    comparator,
    unit,
    value_raw,
    role,
    direction,
    subject_zh,
    is_flagged,
    is_cleared,
    locator,
    quote,
    let_in_at,
    valid_from,
    -- least() passes over nulls: null where nothing ends the figure. greatest() must not see that null.
    case
        when least(outranked_at, closed_at, held_back_at, read_to) is not null
            then greatest(valid_from, least(outranked_at, closed_at, held_back_at, read_to))
    end as valid_to
from ranked
