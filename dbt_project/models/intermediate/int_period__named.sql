-- Every period that a submission or a finding speaks of: dim_period has a row for each, however it is written.
select period_code
from {{ ref('int_submission__name') }}
union
select period as period_code
from {{ ref('stg_audit__validation_result') }}
where period is not null
