select
    entry.entry_id,
    entry.submission_id,
    submission.hospital_code,
    submission.reporting_year,
    submission.form,
    entry.entry_kind,
    entry.ordinal,
    entry.line_code,
    entry.label_raw,
    entry.unit,
    entry.department_raw,
    entry.department_name,
    coalesce(entry.period, 'unknown') as period_code,
    -- Says something, readable or not; a sign for "none" says nothing.
    (entry.value is not null or coalesce(entry.value_raw, '') != '' or entry.entry_kind != 'value')
    and 'cleared' != all(entry.notes) as is_stated
from {{ source('raw', 'reading') }} as entry
inner join {{ ref('stg_audit__submission') }} as submission on entry.submission_id = submission.submission_id
