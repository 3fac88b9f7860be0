-- Put together once, from raw, the names in force and the verdicts, and read by every fact: a table, unlogged as it can
-- be rebuilt, so that each of them is planned on how many there are.
{{ config(materialized='table', unlogged=true) }}

select entry.*
from {{ ref('stg_raw__entry') }} as entry
where {{ in_list('entry.submission_id', ref('int_submission__restated')) }}
