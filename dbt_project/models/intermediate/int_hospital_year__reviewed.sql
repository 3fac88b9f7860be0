{{ config(materialized='table') }}
-- depends_on: {{ ref('int_hospital_year__basis') }}
{% set scope = build_scope() %}

select
    basis.hospital_code,
    basis.reporting_year,
    version.hospital_key
from {{ ref('int_hospital_year__basis') }} as basis
inner join {{ ref('int_hospital__version') }} as version
    on
        basis.hospital_code = version.hospital_code
        and make_date(basis.reporting_year, 12, 31) >= version.applies_from
        and make_date(basis.reporting_year, 12, 31) < version.applies_to
{% if not scope.is_full %}
    where
        (basis.hospital_code, basis.reporting_year) in (
            select
                found.hospital_code,
                found.reporting_year
            from {{ ref('int_hospital_year__basis') }} as found
            left join intermediate.hospital_year_built as built
                on
                    found.hospital_code = built.hospital_code
                    and found.reporting_year = built.reporting_year
            where built.basis is distinct from found.basis
            {% if scope.carries_over %}
                union
                select
                    before.hospital_code,
                    before.reporting_year
                from {{ this }} as before
            {% endif %}
        )
{% endif %}
