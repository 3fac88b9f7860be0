select
    form,
    line_code,
    ordinal,
    label_zh,
    label_en,
    unit,
    value_type,
    indicator_code,
    is_indicator,
    direction,
    formula,
    requirement
from {{ source('reference', 'form_line') }}
