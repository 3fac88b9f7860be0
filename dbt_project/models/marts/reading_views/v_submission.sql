select
    submission.hospital_code,
    submission.form,
    submission.reporting_year,
    submission.revision,
    submission.revision_kind,
    submission.status,
    submission.received_at,
    submission.file_name,
    submission.sha256,
    lifecycle.parsed,
    lifecycle.accepted,
    lifecycle.flagged,
    lifecycle.quarantined
from {{ ref('dim_submission') }} as submission
inner join {{ ref('fct_submission_lifecycle') }} as lifecycle
    on submission.submission_key = lifecycle.submission_key
