{{ config(materialized='table') }}
-- depends_on: {{ ref('int_hospital_year__score_basis') }}

select
    score.hospital_code,
    score.reporting_year,
    score.hospital_key
from {{ ref('int_hospital_year__score_basis') }} as score
{% if not build_scope().is_full %}
    where
        (score.hospital_code, score.reporting_year) in (
            {{ changed_hospital_years(ref('int_hospital_year__score_basis'), 'score_basis') }}
        )
{% endif %}
