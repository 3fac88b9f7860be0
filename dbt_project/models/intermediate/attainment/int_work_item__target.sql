-- What an item of a standing work plan sets out to reach, where it says so in figures.
select
    item.hospital_key,
    item.submission_key,
    item.entry_id as work_item_entry_id,
    claim.entry_id,
    item.period_key,
    claim.hospital_code,
    {{ name_key('claim.label_raw') }} as measure_key,
    claim.label_raw as measure_zh,
    coalesce(period.year, claim.reporting_year) as year,
    claim.comparator,
    claim.value,
    claim.value_high,
    claim.grade,
    claim.unit,
    coalesce(unit.measured_in, {{ name_key('claim.unit') }}) as measured_in,
    coalesce(unit.factor, 1) as unit_factor,
    claim.direction,
    held_to.direction as catalogue_direction,
    claim.value_raw as raw_text,
    claim.locator
from {{ ref('int_entry__restated') }} as claim
inner join {{ ref('fct_work_item') }} as item
    on
        claim.submission_key = item.submission_key
        and claim.row_raw = item.item_no
inner join {{ ref('dim_period') }} as period on item.period_key = period.period_key
inner join {{ ref('dim_hospital') }} as hospital on item.hospital_key = hospital.hospital_key
left join {{ ref('int_measure__direction') }} as held_to
    on
        {{ name_key('claim.label_raw') }} = held_to.measure_key
        and coalesce(left(hospital.level_code, 1), '') = held_to.level_group
left join {{ ref('stg_reference__unit') }} as unit on {{ name_key('claim.unit') }} = unit.written
where
    claim.entry_kind = 'claim'
    and claim.role = 'target'
    and claim.held_back_at is null
    and item.is_current
