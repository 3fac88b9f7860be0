select
    form,
    line_code,
    formula_kind,
    multiplier,
    term_no,
    term_line_code,
    year_offset,
    coefficient,
    cast(count(*) over (partition by form, line_code) as integer) as term_count
from {{ source('reference', 'formula_term') }}
