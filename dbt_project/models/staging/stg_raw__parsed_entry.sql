select
    entry.entry_id,
    entry.submission_id,
    submission.hospital_code,
    submission.form,
    entry.entry_kind,
    entry.line_code,
    entry.label_raw,
    entry.unit,
    entry.department_raw,
    coalesce(entry.period, 'unknown') as period_code
from {{ source('raw', 'entry') }} as entry
inner join {{ ref('stg_audit__submission') }} as submission on entry.submission_id = submission.submission_id
