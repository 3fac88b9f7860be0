-- The database says which decision stands: the newest of a finding, unless it withdraws or has expired.
select
    waiver.waiver_id,
    waiver.finding_id,
    waiver.submission_id,
    waiver.rule_id,
    waiver.hospital_code,
    waiver.reporting_year,
    waiver.form,
    waiver.line_code,
    waiver.period as period_code,
    waiver.stated,
    waiver.expected,
    waiver.is_withdrawal,
    waiver.expires_on,
    waiver.reason,
    waiver.decided_by,
    waiver.login,
    waiver.source,
    waiver.decided_at,
    standing.waiver_id is not null as is_standing
from {{ source('audit', 'waiver') }} as waiver
left join {{ source('audit', 'standing_waiver') }} as standing on waiver.waiver_id = standing.waiver_id
