select
    claim.*,
    indicator.indicator_key,
    indicator.unit as indicator_unit,
    coalesce(claim_unit.factor, 1) as claim_factor,
    coalesce(line_unit.factor, 1) as line_factor
from {{ ref('int_claim') }} as claim
inner join {{ ref('fct_claim') }} as mapped
    on
        claim.submission_key = mapped.submission_key
        and claim.entry_id = mapped.entry_id
inner join {{ ref('dim_indicator') }} as indicator on mapped.indicator_key = indicator.indicator_key
left join {{ ref('stg_reference__unit') }} as claim_unit on {{ name_key('claim.unit') }} = claim_unit.written
left join {{ ref('stg_reference__unit') }} as line_unit on {{ name_key('indicator.unit') }} = line_unit.written
