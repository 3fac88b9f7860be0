with claims as (
    select
        entry.submission_id,
        entry.submission_key,
        entry.entry_id,
        entry.hospital_code,
        entry.reporting_year,
        entry.label_raw,
        {{ name_key('entry.label_raw') }} as name_key,
        entry.value_raw,
        entry.comparator,
        entry.unit,
        entry.locator,
        entry.quote,
        coalesce(entry.value, {{ number_of_grade('entry.grade') }}) as value,
        entry.value_high,
        entry.grade,
        {{ calendar_year('entry.period_code') }} as stated_year,
        regexp_match({{ name_key('entry.value_raw') }}, '([0-9][0-9,]*)(?:\.([0-9]+))?') as digits
    from {{ ref('int_entry__restated') }} as entry
    inner join {{ ref('int_submission__standing') }} as standing on entry.submission_id = standing.submission_id
    where
        entry.entry_kind = 'claim'
        and standing.closed_at is null
        and entry.held_back_at is null
        and {{ is_statement_of_fact('entry.role', 'entry.subject', 'entry.period_code') }}
),

written as (
    select
        *,
        replace(coalesce(digits[1], cast(trunc(abs(value)) as text)), ',', '') as whole,
        coalesce(digits[2], '') as decimals
    from claims
),

-- Steps in base units: of the last digit written, and of the last digit that is not a trailing zero.
measured as (
    select
        *,
        power(cast(10 as numeric), -length(decimals))
        * coalesce(
            abs(value) / nullif(cast(whole || case when decimals <> '' then '.' || decimals else '' end as numeric), 0),
            1
        ) as written_step,
        case when decimals = '' then length(whole) - length(rtrim(whole, '0')) else 0 end as trailing_zeros,
        length(ltrim(rtrim(whole || decimals, '0'), '0')) as significant_digits
    from written
),

-- What the words allow: 26.1 万 is anything that rounds to it; 近 and 约 are out by one step of the last digit that is
-- not zero, at most by a tenth; 余, 多 and 以上 go up to the next such step, and 不到 down to it.
allowed as (
    select
        *,
        written_step * power(cast(10 as numeric), trailing_zeros) as round_step,
        greatest(
            written_step / 2, least(written_step * power(cast(10 as numeric), trailing_zeros), abs(value) / 10)
        ) as about
    from measured
)

select
    submission_id,
    submission_key,
    entry_id,
    hospital_code,
    coalesce(stated_year, reporting_year) as year,
    stated_year is not null as is_year_stated,
    label_raw,
    name_key,
    value_raw,
    comparator,
    value,
    grade,
    unit,
    locator,
    quote,
    -- One digit is the same by chance too often to call a figure ten times another one.
    significant_digits > 1 as is_scale_telling,
    trim_scale(case
        when comparator = '~' then value - about
        when comparator in ('>', '>=', 'range') then value
        when comparator in ('<', '<=') then value - round_step
        else value - written_step / 2
    end) as lowest,
    trim_scale(case
        when comparator = '~' then value + about
        when comparator in ('>', '>=') then value + round_step
        when comparator in ('<', '<=') then value
        when comparator = 'range' then coalesce(value_high, value)
        else value + written_step / 2
    end) as highest
from allowed
