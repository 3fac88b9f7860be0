{{ config(materialized='table') }}
-- depends_on: {{ ref('int_hospital__restated') }}

-- What the restated hospitals have now beside what they had in rpt_benchmark, which this must not refer to: it is built
-- from here. In a build of everything there is nothing to compare, and all groups are built.
{% if not build_scope().is_full %}
    with present as (
        select
            figure.hospital_key,
            figure.indicator_key,
            figure.period_key,
            member.peer_group_kind,
            member.peer_group_code,
            row(figure.value, figure.unit, figure.is_flagged, figure.numerator, figure.denominator) as said
        from {{ ref('int_benchmark__figure') }} as figure
        inner join {{ ref('int_hospital__restated') }} as restated on figure.hospital_key = restated.hospital_key
        inner join {{ ref('int_peer_group__member') }} as member on figure.hospital_key = member.hospital_key
    ),

    past as (
        select
            former.hospital_key,
            former.indicator_key,
            former.period_key,
            former.peer_group_kind,
            former.peer_group_code,
            row(former.value, former.unit, former.is_flagged, former.numerator, former.denominator) as said
        from marts.rpt_benchmark as former
        inner join {{ ref('int_hospital__restated') }} as restated on former.hospital_key = restated.hospital_key
    )

    select distinct
        coalesce(present.indicator_key, past.indicator_key) as indicator_key,
        coalesce(present.period_key, past.period_key) as period_key,
        coalesce(present.peer_group_kind, past.peer_group_kind) as peer_group_kind,
        coalesce(present.peer_group_code, past.peer_group_code) as peer_group_code
    from present
    full join past
        on
            present.hospital_key = past.hospital_key
            and present.indicator_key = past.indicator_key
            and present.period_key = past.period_key
            and present.peer_group_kind = past.peer_group_kind
            and present.peer_group_code = past.peer_group_code
    where present.said is distinct from past.said
{% else %}
    select
        figure.indicator_key,
        figure.period_key,
        member.peer_group_kind,
        member.peer_group_code
    from {{ ref('int_benchmark__figure') }} as figure
    inner join {{ ref('int_peer_group__member') }} as member on figure.hospital_key = member.hospital_key
    where false
{% endif %}
