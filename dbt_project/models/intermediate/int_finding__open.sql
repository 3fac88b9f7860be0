-- What holds against an entry: nothing that was verified, waived or resolved, nor what only informs.
select distinct
    submission_key,
    entry_id
from {{ ref('fct_validation_result') }}
where
    is_newest
    and outcome = 'failed'
    and disposition = 'open'
    and severity != 'inform'
    and entry_id is not null
