with counted as (
    select
        item.*,
        trim_scale({{ dqmi_excess_defaults('item.defaults', 'item.default_threshold_pct', 'item.records') }})
            as excess_defaults
    from {{ ref('int_quality__item') }} as item
)

select
    hospital.hospital_key,
    item.hospital_code,
    item.reporting_year,
    item.form,
    item.line_code,
    item.is_submitted,
    item.coverage,
    item.records,
    item.complete,
    item.valid_and_complete,
    item.defaults,
    item.excess_defaults,
    case
        when item.is_submitted
            then
                trim_scale({{ dqmi_item_score('item.valid_and_complete', 'item.excess_defaults', 'item.records') }})
    end as item_score
from counted as item
left join {{ ref('int_hospital__version') }} as hospital
    on
        item.hospital_code = hospital.hospital_code
        and make_date(item.reporting_year, 12, 31) >= hospital.applies_from
        and make_date(item.reporting_year, 12, 31) < hospital.applies_to
