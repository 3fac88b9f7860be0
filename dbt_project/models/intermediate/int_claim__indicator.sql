-- The line that a claim speaks of: one of that name or alias, in a unit of the same kind. Where several catalogues
-- have it, the one whose figures the hospital reports, else the one of its level.
with figures as (
    select
        hospital.hospital_code,
        value.indicator_key,
        bool_or(period.year is not null) as is_reported
    from {{ ref('fct_indicator_value') }} as value
    inner join {{ ref('dim_hospital') }} as hospital on value.hospital_key = hospital.hospital_key
    inner join {{ ref('dim_period') }} as period on value.period_key = period.period_key
    where
        value.is_current
        and hospital.hospital_code in (select claim.hospital_code from {{ ref('int_claim') }} as claim)
    group by hospital.hospital_code, value.indicator_key
)

select distinct on (claim.submission_id, claim.entry_id)
    claim.*,
    indicator.indicator_key,
    indicator.unit as indicator_unit,
    coalesce(claim_unit.factor, 1) as claim_factor
from {{ ref('int_claim') }} as claim
inner join {{ ref('int_indicator__name') }} as named on claim.name_key = named.name_key
inner join {{ ref('int_indicator__definition') }} as indicator
    on
        named.indicator_key = indicator.indicator_key
        and claim.year >= coalesce(indicator.since_year, 0)
        and claim.year <= coalesce(indicator.until_year, 9999)
left join {{ ref('unit_of_measure') }} as claim_unit on claim.unit = claim_unit.unit_zh
left join {{ ref('unit_of_measure') }} as line_unit on indicator.unit = line_unit.unit_zh
left join {{ ref('int_hospital__version') }} as hospital
    on
        claim.hospital_code = hospital.hospital_code
        and make_date(claim.year, 12, 31) >= hospital.applies_from
        and make_date(claim.year, 12, 31) < hospital.applies_to
left join figures
    on
        claim.hospital_code = figures.hospital_code
        and indicator.indicator_key = figures.indicator_key
where coalesce(claim_unit.unit_kind = line_unit.unit_kind, true)
order by
    claim.submission_id asc,
    claim.entry_id asc,
    figures.is_reported asc nulls last,
    indicator.catalogue = case left(hospital.level_code, 1)
        when '2' then 'national_secondary' when '3' then 'national_tertiary'
    end desc nulls last,
    indicator.indicator_kind desc,
    indicator.line_ordinal asc
