{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={'restated_by': ['hospital_key', 'reporting_year'], 'restated_in': 'int_hospital_year__rescored'},
) }}

with counted as (
    select
        item.*,
        trim_scale({{ dqmi_excess_defaults('item.defaults', 'item.default_threshold_pct', 'item.records') }})
            as excess_defaults
    from {{ ref('int_quality__item') }} as item
)

select
    hospital_key,
    hospital_code,
    reporting_year,
    form,
    line_code,
    is_submitted,
    coverage,
    records,
    complete,
    valid_and_complete,
    defaults,
    excess_defaults,
    case
        when is_submitted
            then trim_scale({{ dqmi_item_score('valid_and_complete', 'excess_defaults', 'records') }})
    end as item_score
from counted
