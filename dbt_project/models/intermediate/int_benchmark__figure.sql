-- What stands now for a whole hospital and a whole year.
select
    value.hospital_key,
    value.indicator_key,
    value.period_key,
    value.value,
    value.unit,
    value.is_flagged,
    comparable.direction,
    -- A numerator above its denominator, or a denominator of nothing, is no proportion.
    case when comparable.is_proportion and value.numerator between 0 and value.denominator then value.numerator end
        as numerator,
    case
        when comparable.is_proportion and value.numerator between 0 and value.denominator
            then nullif(value.denominator, 0)
    end as denominator
from {{ ref('fct_indicator_value') }} as value
inner join {{ ref('int_indicator__comparable') }} as comparable on value.indicator_key = comparable.indicator_key
inner join {{ ref('dim_period') }} as period on value.period_key = period.period_key
inner join {{ ref('dim_department') }} as department on value.department_key = department.department_key
where
    value.is_current
    and not value.is_cleared
    and value.value is not null
    and period.period_kind = 'year'
    and department.is_whole_hospital
