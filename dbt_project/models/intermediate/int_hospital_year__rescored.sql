{{ config(materialized='table') }}
-- depends_on: {{ ref('int_hospital_year__score_basis') }}
{% set scope = build_scope() %}

select
    score.hospital_code,
    score.reporting_year,
    score.hospital_key
from {{ ref('int_hospital_year__score_basis') }} as score
{% if not scope.is_full %}
    left join intermediate.hospital_year_built as built
        on
            score.hospital_code = built.hospital_code
            and score.reporting_year = built.reporting_year
    where
        built.score_basis is distinct from score.basis
        {% if scope.carries_over %}
            or (score.hospital_code, score.reporting_year) in (
                select
                    before.hospital_code,
                    before.reporting_year
                from {{ this }} as before
            )
        {% endif %}
{% endif %}
