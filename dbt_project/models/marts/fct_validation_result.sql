{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['submission_key'], 'restated_in': 'int_submission__reviewed'},
) }}

with indicators as (
    select * from {{ ref('dim_indicator') }}
),

-- The gate's table has no key of its own: a finding is what it says.
said as (
    select distinct result.*
    from {{ ref('int_submission__reviewed') }} as reviewed
    inner join {{ ref('stg_audit__validation_result') }} as result on reviewed.submission_id = result.submission_id
),

found as (
    select
        result.*,
        entry.entry_kind,
        entry.label_raw,
        coalesce(result.line_code, entry.line_code) as entry_line_code,
        coalesce(result.period, entry.period_code) as period_code,
        audit.finding_id(
            submission.hospital_code, submission.reporting_year, submission.form, result.rule_id, rule.kind,
            coalesce(result.line_code, entry.line_code), entry.label_raw,
            coalesce(result.period, nullif(entry.period_code, 'unknown')), entry.department_raw,
            result.stated, result.expected
        ) as finding_id
    from said as result
    inner join {{ ref('stg_audit__submission') }} as submission on result.submission_id = submission.submission_id
    inner join {{ ref('stg_audit__rule') }} as rule on result.rule_id = rule.rule_id
    -- Findings are few beside the entries: each looks up its own.
    left join lateral (
        select parsed.*
        from {{ ref('stg_raw__parsed_entry') }} as parsed
        where
            parsed.submission_id = result.submission_id
            and parsed.entry_id = result.entry_id
        order by parsed.entry_id asc
        limit 1
    ) as entry on true
)

select
    hospital.hospital_key,
    submission.submission_key,
    {{ hash_key([
        'result.gate_run_id', 'result.rule_id', 'result.submission_id', 'result.entry_id', 'result.line_code',
        'result.period', 'result.outcome', 'result.stated', 'result.expected', 'result.difference',
        'result.locator',
    ]) }} as validation_result_key,
    rule.rule_key,
    coalesce(line.indicator_key, named.indicator_key) as indicator_key,
    period.period_key,
    result.gate_run_id,
    gate_run.finished_at as validated_at,
    row_number() over (
        partition by result.rule_id, result.submission_id, result.entry_id, result.line_code, result.period
        order by gate_run.finished_at desc, result.gate_run_id desc, result.locator asc
    ) = 1 as is_newest,
    result.entry_id,
    result.entry_line_code as line_code,
    rule.severity,
    result.outcome,
    result.stated,
    result.expected,
    result.difference,
    result.locator,
    result.finding_id,
    -- Settled: by a replacement, which has findings of its own, or because the newest run on the submission does not
    -- find it any more (a patch has restated the figure, a rule has changed).
    case
        when submission.status = 'superseded' or not gate_run.is_newest then 'resolved'
        when waiver.finding_id is not null then 'waived'
        when verification.finding_id is not null then 'verified'
        else 'open'
    end as disposition,
    coalesce(waiver.reason, verification.reason) as decision_reason,
    coalesce(waiver.decided_by, verification.decided_by) as decided_by,
    coalesce(waiver.decided_at, verification.decided_at) as decided_at,
    waiver.expires_on as waived_until
from found as result
inner join {{ ref('stg_audit__submission') }} as submission on result.submission_id = submission.submission_id
inner join {{ ref('stg_audit__gate_run_submission') }} as gate_run
    on
        result.gate_run_id = gate_run.gate_run_id
        and result.submission_id = gate_run.submission_id
left join {{ ref('stg_audit__waiver') }} as waiver
    on
        result.finding_id = waiver.finding_id
        and waiver.is_standing
left join {{ ref('stg_audit__verification') }} as verification
    on
        result.finding_id = verification.finding_id
        and verification.is_standing
left join {{ ref('dim_rule') }} as rule on result.rule_id = rule.rule_id
left join {{ ref('dim_period') }} as period on result.period_code = period.period_code
left join {{ ref('int_hospital__version') }} as hospital
    on
        submission.hospital_code = hospital.hospital_code
        and coalesce(period.end_date, make_date(submission.reporting_year, 12, 31)) >= hospital.applies_from
        and coalesce(period.end_date, make_date(submission.reporting_year, 12, 31)) < hospital.applies_to
left join indicators as line
    on
        submission.form = line.form
        and result.entry_line_code = line.line_code
        and coalesce(period.year, submission.reporting_year) >= coalesce(line.since_year, 0)
        and coalesce(period.year, submission.reporting_year) <= coalesce(line.until_year, 9999)
left join indicators as named
    on
        result.entry_kind in ('value', 'target')
        and {{ name_key('result.label_raw') }} = named.local_name_key
