{{ config(
    materialized='incremental',
    incremental_strategy='restate',
    meta={
        'restated_by': ['indicator_key', 'period_key', 'peer_group_kind', 'peer_group_code'],
        'restated_in': 'int_benchmark__restated',
    },
    indexes=[{'columns': ['indicator_key', 'period_key', 'peer_group_kind', 'peer_group_code']}],
) }}
-- depends_on: {{ ref('int_benchmark__restated') }}
{% set z_95 = '1.959963984540054' %}
{% set z_998 = '3.090232306167813' %}

-- A figure counts once in each group that its hospital is in.
with grouped as (
    select
        figures.*,
        member.peer_group_kind,
        member.peer_group_code,
        member.peer_group_zh,
        member.peer_group_en,
        case figures.direction when 'increase' then -figures.value when 'decrease' then figures.value end as badness
    from {{ ref('int_benchmark__figure') }} as figures
    inner join {{ ref('int_peer_group__member') }} as member on figures.hospital_key = member.hospital_key
    {% if is_incremental() %}
        -- The whole group of every figure that has changed: each of its hospitals has another place now.
        inner join {{ ref('int_benchmark__restated') }} as restated
            on
                figures.indicator_key = restated.indicator_key
                and figures.period_key = restated.period_key
                and member.peer_group_kind = restated.peer_group_kind
                and member.peer_group_code = restated.peer_group_code
    {% endif %}
),

placed as (
    select
        *,
        count(*) over peers as group_size,
        count(*) over peers >= access.minimum_peer_hospitals() as is_shown,
        percent_rank() over (peers order by value) as percent_rank,
        rank() over (peers order by badness) as rank_no,
        count(*) over (peers order by value range current row) as sharing,
        -- The group's cases taken together; in double precision, as these are figures to draw.
        cast(sum(numerator) over peers / nullif(sum(denominator) over peers, 0) as double precision) as centre,
        cast(denominator as double precision) as cases
    from grouped
    window peers as (partition by indicator_key, period_key, peer_group_kind, peer_group_code)
),

quartiles as (
    select
        indicator_key,
        period_key,
        peer_group_kind,
        peer_group_code,
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by cast(value as double precision)) as at
    from grouped
    group by indicator_key, period_key, peer_group_kind, peer_group_code
    having count(*) >= access.minimum_peer_hospitals()
),

limits as (
    select
        *,
        100 * {{ wilson_limit('centre', 'cases', z_95, '-') }} as lower_95,
        100 * {{ wilson_limit('centre', 'cases', z_95, '+') }} as upper_95,
        100 * {{ wilson_limit('centre', 'cases', z_998, '-') }} as lower_998,
        100 * {{ wilson_limit('centre', 'cases', z_998, '+') }} as upper_998,
        100 * numerator / denominator as proportion_pct
    from placed
)

select
    limits.hospital_key,
    limits.indicator_key,
    limits.period_key,
    limits.peer_group_kind,
    limits.peer_group_code,
    limits.peer_group_zh,
    limits.peer_group_en,
    limits.value,
    limits.unit,
    limits.is_flagged,
    limits.group_size,
    not limits.is_shown as is_suppressed,
    cast(quartiles.at[1] as numeric) as lower_quartile,
    cast(quartiles.at[2] as numeric) as median,
    cast(quartiles.at[3] as numeric) as upper_quartile,
    case when limits.is_shown then trim_scale(round(cast(100 * limits.percent_rank as numeric), 2)) end as percentile,
    case when limits.is_shown and limits.badness is not null then limits.rank_no end as rank_no,
    case when limits.is_shown and limits.badness is not null then limits.sharing end as rank_shared_by,
    case limits.direction
        when 'increase' then 'higher_is_better'
        when 'decrease' then 'lower_is_better'
        else 'not_ranked'
    end as ranking,
    limits.numerator,
    limits.denominator,
    trim_scale(round(limits.proportion_pct, 4)) as proportion_pct,
    case when limits.is_shown then trim_scale(round(cast(100 * limits.centre as numeric), 4)) end
        as pooled_proportion_pct,
    case when limits.is_shown then trim_scale(round(cast(limits.lower_95 as numeric), 4)) end as funnel_lower_95_pct,
    case when limits.is_shown then trim_scale(round(cast(limits.upper_95 as numeric), 4)) end as funnel_upper_95_pct,
    case when limits.is_shown then trim_scale(round(cast(limits.lower_998 as numeric), 4)) end as funnel_lower_998_pct,
    case when limits.is_shown then trim_scale(round(cast(limits.upper_998 as numeric), 4)) end as funnel_upper_998_pct,
    case
        when limits.is_shown
            then
                limits.cases < {{ var('small_denominator') }}
                or least(limits.centre, 1 - limits.centre) * limits.cases < {{ var('small_expected_cases') }}
    end as is_small_denominator,
    case
        when limits.cases is null or not limits.is_shown then null
        when limits.proportion_pct > limits.upper_998 then 'above_998'
        when limits.proportion_pct < limits.lower_998 then 'below_998'
        when limits.proportion_pct > limits.upper_95 then 'above_95'
        when limits.proportion_pct < limits.lower_95 then 'below_95'
        else 'within'
    end as funnel_zone
from limits
left join quartiles
    on
        limits.indicator_key = quartiles.indicator_key
        and limits.period_key = quartiles.period_key
        and limits.peer_group_kind = quartiles.peer_group_kind
        and limits.peer_group_code = quartiles.peer_group_code
