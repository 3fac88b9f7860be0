select
    proposal.measure,
    proposal.form,
    proposal.line_code,
    proposal.score
from {{ source('reference', 'standing_claim_proposal') }} as proposal
