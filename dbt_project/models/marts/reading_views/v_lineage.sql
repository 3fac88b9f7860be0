-- Past statements too, not only those that stand: lineage is asked of what was replaced as well. Lateral joins, because
-- one figure is asked for, and what is grouped whole would be reckoned for all.
with statement as not materialized (
    select
        'value' as statement_kind,
        hospital_key,
        submission_key,
        entry_id,
        indicator_key,
        period_key,
        department_key,
        value,
        value_high,
        grade,
        comparator,
        unit,
        value_raw,
        is_current,
        is_flagged,
        valid_from,
        valid_to,
        locator,
        quote,
        correction_id
    from {{ ref('fct_indicator_value') }}
    union all
    select
        'target' as statement_kind,
        hospital_key,
        submission_key,
        entry_id,
        indicator_key,
        horizon_key as period_key,
        department_key,
        value,
        value_high,
        grade,
        comparator,
        unit,
        raw_text as value_raw,
        is_current,
        is_flagged,
        valid_from,
        valid_to,
        locator,
        quote,
        cast(null as text) as correction_id
    from {{ ref('fct_indicator_target') }}
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
    lineage.parser_version,
    lineage.loaded_at,
    lineage.gate_run_id,
    array(
        select checked.rule_id
        from unnest(lineage.rules_checked) as checked (rule_id)
        where checked.rule_id != all(lineage.rules_failed)
        order by checked.rule_id
    ) as rules_passed,
    lineage.rules_failed,
    findings.findings,
    statements.statements,
    build.invocation_id as dbt_invocation_id,
    build.finished_at as dbt_finished_at,
    fact.statement_kind,
    lineage.disposition,
    lineage.names,
    -- The one that gave this row its value, which may have ended since.
    case
        when fact.correction_id is not null
            then (
                select found.correction
                from jsonb_array_elements(lineage.corrections) as found (correction)
                where
                    found.correction ->> 'correction_id' = fact.correction_id
                    and cast(found.correction ->> 'approved_at' as timestamptz) <= fact.valid_from
                order by cast(found.correction ->> 'approved_at' as timestamptz) desc
                limit 1
            )
    end as correction
from statement as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_indicator') }} as indicator on fact.indicator_key = indicator.indicator_key
inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
inner join {{ ref('dim_department') }} as department on fact.department_key = department.department_key
inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
inner join {{ ref('fct_entry_lineage') }} as lineage
    on
        fact.hospital_key = lineage.hospital_key
        and fact.submission_key = lineage.submission_key
        and fact.entry_id = lineage.entry_id
cross join
    lateral (
        select
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'finding_id', result.finding_id, 'rule_id', rule.rule_id, 'severity', result.severity,
                        'title_zh', rule.title_zh, 'title_en', rule.title_en, 'outcome', result.outcome,
                        'stated', result.stated, 'expected', result.expected,
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
        from statement as other
        inner join {{ ref('dim_submission') }} as revised on other.submission_key = revised.submission_key
        where
            other.statement_kind = fact.statement_kind
            and other.indicator_key = fact.indicator_key
            and other.period_key = fact.period_key
            and other.hospital_key = fact.hospital_key
            and other.department_key = fact.department_key
    ) as statements
left join access.newest_build() as build on true
