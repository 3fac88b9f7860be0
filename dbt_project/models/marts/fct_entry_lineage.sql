{{ config(materialized='incremental', incremental_strategy='restate') }}

with named as materialized (
    select
        submission_id,
        source
    from {{ source('audit', 'hospital_name_source') }}
    where {{ in_list('hospital_name_source.submission_id', ref('int_submission__restated')) }}
),

corrections as (
    select
        submission_id,
        entry_id,
        jsonb_agg(
            jsonb_build_object(
                'correction_id', correction_id, 'stated', value_raw, 'value', value, 'reason', reason,
                'reporter', reporter, 'approved_at', read_from, 'ended_at', read_to, 'ended_as', ended_as
            )
            order by read_from
        ) as corrections
    from {{ source('raw', 'corrected_entry') }}
    where correction_id is not null
    group by submission_id, entry_id
)

select
    hospital.hospital_key,
    entry.submission_key,
    entry.entry_id,
    decision.decided_in as gate_run_id,
    decision.decided_at as validated_at,
    disposition.disposition,
    disposition.rules_checked,
    disposition.rules_failed,
    -- Few names are not themselves: the function is asked for those alone.
    case
        when entry.is_line_by_alias or entry.department_name != entry.department_raw
            then
                reference.name_sources(
                    entry.form, entry.hospital_code, entry.label_raw, entry.line_code, entry.is_line_by_alias,
                    entry.department_raw, entry.department_name,
                    coalesce(cast(substring(entry.period_code from '^[0-9]{4}$') as integer), entry.reporting_year)
                )
        else '[]'
    end || case when named.source is not null then jsonb_build_array(named.source) else '[]' end as names,
    -- The one that stands is the last of them.
    case when entry.correction_id is not null then corrections.corrections -> -1 end as correction,
    coalesce(corrections.corrections, '[]') as corrections,
    entry.parser_version,
    entry.loaded_at
from {{ ref('int_entry__restated') }} as entry
inner join {{ ref('int_submission__decision') }} as decision
    on
        entry.submission_id = decision.submission_id
        and entry.gate_run_id = decision.gate_run_id
inner join {{ source('audit', 'entry_disposition') }} as disposition
    on
        decision.decided_in = disposition.gate_run_id
        and entry.submission_id = disposition.submission_id
        and entry.entry_id = disposition.entry_id
left join named on entry.submission_id = named.submission_id
left join corrections
    on
        entry.submission_id = corrections.submission_id
        and entry.entry_id = corrections.entry_id
left join {{ ref('dim_period') }} as period
    on
        entry.period_code = period.period_code
        and entry.statement_kind = 'value'
-- The version of the hospital that the entry's fact has: a figure that of its period, anything else that of its year.
left join {{ ref('int_hospital__version') }} as hospital
    on
        entry.hospital_code = hospital.hospital_code
        and coalesce(period.end_date, make_date(entry.reporting_year, 12, 31)) >= hospital.applies_from
        and coalesce(period.end_date, make_date(entry.reporting_year, 12, 31)) < hospital.applies_to
where entry.is_newest
