-- As it stands when a build begins. Decisions that stand today are among it: one that expires changes the basis.
{{ config(materialized='table') }}

with said as (
    select
        hospital_code,
        reporting_year,
        concat_ws(
            '|', 'submission', submission_id, status, extract(epoch from parsed_at), extract(epoch from accepted_at),
            extract(epoch from rejected_at), extract(epoch from superseded_at), extract(epoch from withdrawn_at),
            extract(epoch from published_at)
        ) as line
    from {{ ref('stg_audit__submission') }}
    union all
    select
        submission.hospital_code,
        submission.reporting_year,
        concat_ws('|', 'gate run', gate_run.submission_id, gate_run.gate_run_id) as line
    from {{ ref('stg_audit__gate_run_decision') }} as gate_run
    inner join {{ ref('stg_audit__submission') }} as submission on gate_run.submission_id = submission.submission_id
    union all
    select
        hospital_code,
        reporting_year,
        concat_ws('|', 'verification', verification_id, is_standing) as line
    from {{ ref('stg_audit__verification') }}
    union all
    select
        hospital_code,
        reporting_year,
        concat_ws('|', 'waiver', waiver_id, is_standing) as line
    from {{ ref('stg_audit__waiver') }}
    union all
    select
        hospital_code,
        reporting_year,
        concat_ws('|', 'form', form, is_owed, is_received, is_accepted, is_on_time) as line
    from {{ ref('int_quality__form') }}
)

select
    hospital_code,
    reporting_year,
    md5(string_agg(line, chr(10) order by line)) as basis
from said
group by hospital_code, reporting_year
