select
    hospital.hospital_code,
    hospital.hospital_name_zh,
    trend.form,
    indicator.indicator_code,
    indicator.line_code,
    indicator.name_zh as label_zh,
    indicator.edition,
    case when not department.is_whole_hospital then department.department_name_zh end as department_name,
    trend.year,
    trend.value,
    trend.unit,
    trend.series_since_year,
    trend.previous_value,
    trend.change,
    trend.change_pct,
    trend.no_change_code,
    case trend.no_change_code
        when 'first_year' then '此前没有数值'
        when 'definition_changed' then '口径变化：' || trend.declared_zh
        when 'edition_changed' then '目录版本变化，口径不可比'
        when 'unit_changed' then '计量单位变化'
        when 'hospital_changed' then '医院合并或拆分'
        when 'department_changed' then '科室合并、拆分或划转'
        when 'year_missing' then '上一年没有数值'
    end as no_change_reason_zh,
    case trend.no_change_code
        when 'first_year' then 'No figure before'
        when 'definition_changed' then 'Definition changed: ' || trend.declared_en
        when 'edition_changed' then 'Edition of the catalogue changed'
        when 'unit_changed' then 'Unit changed'
        when 'hospital_changed' then 'Hospital merged or split'
        when 'department_changed' then 'Department merged, split or moved'
        when 'year_missing' then 'The year before is not reported'
    end as no_change_reason_en
from {{ ref('rpt_indicator_trend') }} as trend
inner join {{ ref('dim_hospital') }} as hospital on trend.hospital_key = hospital.hospital_key
inner join {{ ref('dim_indicator') }} as indicator on trend.indicator_key = indicator.indicator_key
inner join {{ ref('dim_department') }} as department on trend.department_key = department.department_key
