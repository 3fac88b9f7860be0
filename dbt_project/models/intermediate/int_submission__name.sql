-- Kept from build to build: raw is never changed, so that a submission is searched for names once. What names mean may
-- be decided anew: then everything is built anew (macro build_fingerprint).
{{ config(materialized='incremental', incremental_strategy='append') }}
-- depends_on: {{ ref('stg_audit__submission') }}

with entries as (
    select
        entry.submission_id,
        entry.hospital_code,
        entry.period_code,
        entry.department_name,
        entry.label_raw,
        entry.unit,
        entry.entry_kind in ('value', 'target', 'claim') and line.line_code is null as is_named
    from {{ ref('stg_raw__parsed_entry') }} as entry
    left join {{ ref('stg_reference__form_line') }} as line
        on
            entry.form = line.form
            and entry.line_code = line.line_code
    {% if is_incremental() %}
        where entry.submission_id = any(array(
            select submission.submission_id
            from {{ ref('stg_audit__submission') }} as submission
            left join {{ this }} as known on submission.submission_id = known.submission_id
            where known.submission_id is null
        ))
    {% endif %}
),

said as (
    select distinct
        submission_id,
        hospital_code,
        period_code,
        department_name,
        case when is_named then label_raw end as label_raw,
        case when is_named then unit end as unit,
        is_named
    from entries
)

select
    submission_id,
    hospital_code,
    period_code,
    department_name,
    {{ name_key('department_name') }} as department_name_key,
    label_raw,
    unit,
    is_named,
    case when is_named then {{ name_key('label_raw') }} end as label_name_key
from said
