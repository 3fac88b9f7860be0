select
    form,
    title_zh,
    title_en,
    catalogue,
    entry_kind
from {{ source('reference', 'form') }}
