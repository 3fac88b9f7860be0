-- Counted in raw itself, and of what the gate decided, past every join on the way: an error there must not hide itself.
{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['submission_key'], 'restated_in': 'int_submission__restated'},
) }}

with entries as (
    select
        restated.submission_key,
        entry.entry_id,
        case
            when entry.entry_kind = 'claim' and entry.role = 'target' then 'target'
            when entry.entry_kind = 'claim' then 'value'
            else entry.entry_kind
        end as entry_kind,
        entry.value,
        disposition.disposition,
        coalesce(disposition.is_newest, true) as is_newest,
        coalesce(disposition.is_let_in, false) as is_let_in
    from {{ ref('int_submission__restated') }} as restated
    left join {{ source('raw', 'entry') }} as entry on restated.submission_id = entry.submission_id
    left join {{ ref('stg_audit__entry_disposition') }} as disposition
        on
            entry.submission_id = disposition.submission_id
            and entry.entry_id = disposition.entry_id
)
,

counted as (
    select
        submission_key,
        count(entry_id) filter (where is_newest) as parsed,
        count(*) filter (where is_newest and disposition in ('accepted', 'flagged')) as accepted,
        count(*) filter (where is_newest and disposition = 'flagged') as flagged,
        count(*) filter (where is_newest and disposition = 'quarantined') as quarantined,
        bool_or(disposition is not null) as is_decided,
        -- Once for every span of time in which it was let in, as the facts have it.
        count(*) filter (where is_let_in and entry_kind = 'value') as values_accepted,
        coalesce(sum(value) filter (where is_let_in and entry_kind = 'value'), 0) as value_sum_accepted,
        count(*) filter (where is_let_in and entry_kind = 'target') as targets_accepted
    from entries
    group by submission_key
),

-- What a newer patch named before any run had looked at it: no run will, and it never counted. Looked for only where
-- entries without a decision are left over.
replaced as (
    select
        counted.submission_key,
        count(*) as entries
    from counted
    inner join {{ ref('stg_audit__submission') }} as submission on counted.submission_key = submission.submission_key
    inner join {{ source('raw', 'reading') }} as entry on submission.submission_id = entry.submission_id
    left join {{ ref('stg_audit__entry_disposition') }} as disposition
        on
            entry.submission_id = disposition.submission_id
            and entry.entry_id = disposition.entry_id
    where
        counted.is_decided
        and counted.accepted + counted.quarantined < counted.parsed
        and disposition.entry_id is null
        and exists (
            select
            from {{ ref('stg_audit__submission') }} as newer
            inner join {{ source('raw', 'reading') }} as named on newer.submission_id = named.submission_id
            where
                newer.revision_kind = 'patch'
                and newer.hospital_code = submission.hospital_code
                and newer.reporting_year = submission.reporting_year
                and newer.form = submission.form
                and newer.revision > submission.revision
                and named.entry_kind = entry.entry_kind
                and coalesce(named.line_code, named.label_raw, named.locator)
                = coalesce(entry.line_code, entry.label_raw, entry.locator)
                and named.period is not distinct from entry.period
                and coalesce(named.department_name, '') = coalesce(entry.department_name, '')
        )
    group by counted.submission_key
)

select
    counted.submission_key,
    counted.parsed - coalesce(replaced.entries, 0) as parsed,
    counted.accepted,
    counted.flagged,
    counted.quarantined,
    counted.is_decided,
    counted.values_accepted,
    counted.value_sum_accepted,
    counted.targets_accepted
from counted
left join replaced on counted.submission_key = replaced.submission_key
