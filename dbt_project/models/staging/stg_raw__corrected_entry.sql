-- A table: few rows, with which every entry is joined, so that this is planned on how few there are.
{{ config(materialized='table', indexes=[{'columns': ['submission_id', 'entry_id']}]) }}

with let_in as (
    select
        disposition.submission_id,
        disposition.entry_id,
        -- Which of the spans in which the gate let it in: a key to join on, so not null.
        coalesce(disposition.released_at, '-infinity') as released_at,
        greatest(submission.accepted_at, disposition.released_at) as let_in_at,
        disposition.held_back_at,
        disposition.is_newest
    from {{ ref('stg_audit__entry_disposition') }} as disposition
    inner join {{ ref('stg_audit__submission') }} as submission on disposition.submission_id = submission.submission_id
    where
        submission.accepted_at is not null
        and disposition.is_let_in
)

select
    corrected.submission_id,
    corrected.entry_id,
    let_in.released_at,
    case when corrected.read_from > let_in.let_in_at then corrected.read_from else '-infinity' end as read_from,
    corrected.read_to,
    corrected.correction_id,
    corrected.value,
    corrected.stated_decimals,
    corrected.comparator,
    corrected.is_cleared
from {{ source('raw', 'corrected_entry') }} as corrected
inner join let_in
    on
        corrected.submission_id = let_in.submission_id
        and corrected.entry_id = let_in.entry_id
where
    coalesce(corrected.read_to > let_in.let_in_at, true)
    and (
        corrected.read_from <= let_in.let_in_at
        or coalesce(corrected.read_from < let_in.held_back_at, true)
        -- The reading of today is told of what is held back too.
        or (let_in.is_newest and corrected.read_to is null)
    )
