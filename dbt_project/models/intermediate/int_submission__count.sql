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
