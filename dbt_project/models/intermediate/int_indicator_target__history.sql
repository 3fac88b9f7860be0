with targets as (
    select
        entry.submission_id,
        entry.entry_id,
        entry.hospital_code,
        entry.form,
        entry.reporting_year,
        entry.revision,
        entry.line_code,
        {{ name_key('entry.label_raw') }} as name_key,
        entry.period_code,
        coalesce(entry.section_raw, '') as section_zh,
        coalesce({{ name_key('entry.department_name') }}, '') as department_name_key,
        entry.known_from as valid_from,
        least(standing.closed_at, entry.held_back_at) as closed_at,
        -- A plan may name one indicator twice in a section (for two departments, say): both stand.
        dense_rank() over (
            partition by
                entry.submission_id, entry.line_code, {{ name_key('entry.label_raw') }}, entry.section_raw,
                entry.period_code
            order by entry.ordinal, entry.entry_id
        ) as occurrence_no
    from {{ ref('int_entry__restated') }} as entry
    inner join {{ ref('int_submission__standing') }} as standing on entry.submission_id = standing.submission_id
    where entry.statement_kind = 'target'
),

ranked as (
    select
        *,
        min(valid_from) over (
            partition by hospital_code, form, line_code, name_key, section_zh, period_code, occurrence_no
            order by reporting_year desc, revision desc, valid_from desc
            rows between unbounded preceding and 1 preceding
        ) as outranked_at
    from targets
)

select
    submission_id,
    entry_id,
    form,
    line_code,
    name_key,
    department_name_key,
    occurrence_no,
    valid_from,
    case
        when least(outranked_at, closed_at) is not null
            then greatest(valid_from, least(outranked_at, closed_at))
    end as valid_to
from ranked
