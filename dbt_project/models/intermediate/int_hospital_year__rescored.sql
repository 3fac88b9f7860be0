{{ config(materialized='table') }}
-- depends_on: {{ ref('int_hospital_year__score_basis') }}
{% set scope = build_scope() %}

select
    score.hospital_code,
    score.reporting_year,
    score.hospital_key
from {{ ref('int_hospital_year__score_basis') }} as score
{% if not scope.is_full %}
    where
        (score.hospital_code, score.reporting_year) in (
            select
                found.hospital_code,
                found.reporting_year
            from {{ ref('int_hospital_year__score_basis') }} as found
            left join intermediate.hospital_year_built as built
                on
                    found.hospital_code = built.hospital_code
                    and found.reporting_year = built.reporting_year
            where built.score_basis is distinct from found.basis
            {% if scope.carries_over %}
                union
                select
                    before.hospital_code,
                    before.reporting_year
                from {{ this }} as before
            {% endif %}
        )
{% endif %}
