select
    alias.scope as form,
    alias.target as line_code,
    alias.name as name_zh,
    alias.valid_from,
    alias.valid_to
from {{ source('reference', 'standing_alias') }} as alias
where alias.kind = 'indicator'
