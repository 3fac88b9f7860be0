-- The database says which decision stands: the newest of a finding, unless it withdraws.
select
    verification.verification_id,
    verification.finding_id,
    verification.submission_id,
    verification.rule_id,
    verification.hospital_code,
    verification.reporting_year,
    verification.form,
    verification.line_code,
    verification.period as period_code,
    verification.stated,
    verification.expected,
    verification.is_withdrawal,
    verification.reason,
    verification.decided_by,
    verification.login,
    verification.source,
    verification.decided_at,
    standing.verification_id is not null as is_standing
from {{ source('audit', 'verification') }} as verification
left join {{ source('audit', 'standing_verification') }} as standing
    on verification.verification_id = standing.verification_id
