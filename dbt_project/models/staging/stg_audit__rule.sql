select
    rule_id,
    severity,
    kind,
    title_zh,
    title_en,
    remedy_zh,
    remedy_en,
    since_year,
    until_year
from {{ source('audit', 'rule') }}
