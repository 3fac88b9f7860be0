{{ config(materialized='table') }}
-- depends_on: {{ ref('int_hospital_year__basis') }}

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
{% if not build_scope().is_full %}
    where
        (basis.hospital_code, basis.reporting_year) in (
            {{ changed_hospital_years(ref('int_hospital_year__basis'), 'basis') }}
        )
{% endif %}
