{{ config(materialized='table') }}
-- depends_on: {{ ref('int_submission__basis') }}
{% set scope = build_scope() %}

-- Keys are those of every version of the hospital: what an earlier build put under one of them is replaced too.
select
    version.hospital_code,
    version.hospital_key
from {{ ref('int_hospital__version') }} as version
{% if not scope.is_full %}
    where
        version.hospital_code in (
            select basis.hospital_code
            from {{ ref('int_submission__basis') }} as basis
            left join intermediate.submission_built as built on basis.submission_id = built.submission_id
            where built.basis is distinct from basis.basis
            {% if scope.carries_over %}
                union
                select before.hospital_code
                from {{ this }} as before
            {% endif %}
        )
{% endif %}
