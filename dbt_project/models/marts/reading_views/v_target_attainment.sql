select *
from {{ ref('int_target_attainment__readable') }}
where is_current
