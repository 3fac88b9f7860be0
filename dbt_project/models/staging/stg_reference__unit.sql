select
    written,
    measured_in,
    factor
from {{ source('reference', 'unit') }}
