select
    compared.hospital_code,
    hospital.hospital_name_zh,
    compared.form,
    indicator.indicator_code,
    indicator.line_code,
    indicator.name_zh as label_zh,
    indicator.edition,
    case when not department.is_whole_hospital then department.department_name_zh end as department_name,
    compared.year,
    compared.value,
    compared.unit,
    compared.series_since_year,
    compared.previous_value,
    compared.change,
    compared.change_pct,
    compared.obstacle as no_change_code,
    case compared.obstacle
        when 'first_year' then '此前没有数值'
        when 'definition_changed' then '口径变化：' || compared.declared_zh
        when 'edition_changed' then '目录版本变化，口径不可比'
        when 'unit_changed' then '计量单位变化'
        when 'hospital_changed' then '医院合并或拆分'
        when 'department_changed' then '科室合并、拆分或划转'
        when 'year_missing' then '上一年没有数值'
    end as no_change_reason_zh,
    case compared.obstacle
        when 'first_year' then 'No figure before'
        when 'definition_changed' then 'Definition changed: ' || compared.declared_en
        when 'edition_changed' then 'Edition of the catalogue changed'
        when 'unit_changed' then 'Unit changed'
        when 'hospital_changed' then 'Hospital merged or split'
        when 'department_changed' then 'Department merged, split or moved'
        when 'year_missing' then 'The year before is not reported'
    end as no_change_reason_en
from {{ ref('int_indicator_value__compared') }} as compared
inner join {{ ref('dim_hospital') }} as hospital on compared.hospital_key = hospital.hospital_key
inner join {{ ref('dim_indicator') }} as indicator on compared.indicator_key = indicator.indicator_key
inner join {{ ref('dim_department') }} as department on compared.department_key = department.department_key
