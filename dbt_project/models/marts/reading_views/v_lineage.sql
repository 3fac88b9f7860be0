-- Past statements too, not only those that stand: lineage is asked of what was replaced as well. Lateral joins, because
-- one figure is asked for, and what is grouped whole would be reckoned for all.
with dbt_run as (
    select
        invocation_id,
        finished_at
    from {{ source('audit', 'dbt_run') }}
    where failed = 0
    order by finished_at desc
    limit 1
)

select
    hospital.hospital_code,
    hospital.hospital_name_zh,
    submission.form,
    submission.reporting_year,
    submission.revision,
    submission.revision_kind,
    submission.submission_id,
    submission.status,
    submission.received_at,
    indicator.indicator_code,
    indicator.line_code,
    indicator.name_zh as label_zh,
    case when not department.is_whole_hospital then department.department_name_zh end as department_name,
    period.label_zh as period_label,
    period.year,
    fact.value,
    fact.value_high,
    fact.grade,
    fact.comparator,
    fact.unit,
    fact.value_raw,
    fact.is_current,
    fact.is_flagged,
    fact.valid_from,
    fact.valid_to,
    submission.file_name,
    submission.sha256,
    fact.locator,
    fact.quote,
    entry.parser_version,
    entry.loaded_at,
    disposition.gate_run_id,
    array(
        select checked.rule_id
        from unnest(disposition.rules_checked) as checked (rule_id)
        where checked.rule_id != all(disposition.rules_failed)
        order by checked.rule_id
    ) as rules_passed,
    disposition.rules_failed,
    findings.findings,
    statements.statements,
    dbt_run.invocation_id as dbt_invocation_id,
    dbt_run.finished_at as dbt_finished_at
from {{ ref('fct_indicator_value') }} as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_indicator') }} as indicator on fact.indicator_key = indicator.indicator_key
inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
inner join {{ ref('dim_department') }} as department on fact.department_key = department.department_key
inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
inner join {{ source('raw', 'entry') }} as entry
    on
        submission.submission_id = entry.submission_id
        and fact.entry_id = entry.entry_id
left join {{ ref('stg_audit__entry_disposition') }} as newest
    on
        submission.submission_id = newest.submission_id
        and fact.entry_id = newest.entry_id
left join {{ source('audit', 'entry_disposition') }} as disposition
    on
        newest.gate_run_id = disposition.gate_run_id
        and newest.submission_id = disposition.submission_id
        and newest.entry_id = disposition.entry_id
cross join
    lateral (
        select
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'finding_id', result.finding_id, 'rule_id', rule.rule_id, 'severity', result.severity,
                        'outcome', result.outcome, 'stated', result.stated, 'expected', result.expected,
                        'disposition', result.disposition, 'decided_by', result.decided_by,
                        'reason', result.decision_reason, 'waived_until', result.waived_until
                    )
                    order by rule.rule_id, result.finding_id
                ),
                '[]'
            ) as findings
        from {{ ref('fct_validation_result') }} as result
        inner join {{ ref('dim_rule') }} as rule on result.rule_key = rule.rule_key
        where
            result.hospital_key = fact.hospital_key
            and result.submission_key = fact.submission_key
            and result.entry_id = fact.entry_id
            and result.is_newest
    ) as findings
cross join
    lateral (
        select
            jsonb_agg(
                jsonb_build_object(
                    'submission_id', revised.submission_id, 'value', other.value, 'grade', other.grade,
                    'valid_from', other.valid_from, 'valid_to', other.valid_to
                )
                order by other.valid_from, revised.submission_id, other.entry_id
            ) as statements
        from {{ ref('fct_indicator_value') }} as other
        inner join {{ ref('dim_submission') }} as revised on other.submission_key = revised.submission_key
        where
            other.indicator_key = fact.indicator_key
            and other.period_key = fact.period_key
            and other.hospital_key = fact.hospital_key
            and other.department_key = fact.department_key
    ) as statements
left join dbt_run on true
