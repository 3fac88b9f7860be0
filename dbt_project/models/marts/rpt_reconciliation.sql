{{ config(materialized='incremental', incremental_strategy='restate') }}

with claims as (
    select * from {{ ref('int_claim__indicator') }}
),

-- The figures of the returns for the lines that claims speak of, all years. They are compared in the unit that units of
-- one kind share, and told in that of the line.
figures as (
    select
        hospital.hospital_code,
        value.hospital_key,
        value.indicator_key,
        value.period_key,
        period.year,
        value.submission_key,
        value.entry_id,
        value.value_raw,
        value.grade,
        value.unit,
        value.locator,
        coalesce(unit.factor, 1) as unit_factor,
        value.value * coalesce(unit.factor, 1) as value,
        -- The return rounds too.
        coalesce(unit.factor, 1) * power(cast(10 as numeric), -coalesce(value.stated_decimals, 0)) / 2 as half_step
    from {{ ref('fct_indicator_value') }} as value
    inner join {{ ref('dim_hospital') }} as hospital on value.hospital_key = hospital.hospital_key
    inner join {{ ref('dim_period') }} as period on value.period_key = period.period_key
    inner join {{ ref('dim_department') }} as department on value.department_key = department.department_key
    left join {{ ref('stg_reference__unit') }} as unit on {{ name_key('value.unit') }} = unit.written
    where
        {{ in_list('value.hospital_key', ref('int_hospital__restated')) }}
        and value.is_current
        and not value.is_cleared
        and (value.value is not null or value.grade is not null)
        and period.period_kind = 'year'
        and department.is_whole_hospital
        and (hospital.hospital_code, value.indicator_key) in (
            select
                claims.hospital_code,
                claims.indicator_key
            from claims
        )
),

compared as (
    select
        claims.*,
        figures.submission_key as return_submission_key,
        figures.entry_id as return_entry_id,
        figures.value_raw as return_raw,
        figures.unit as return_unit,
        figures.locator as return_locator,
        figures.value as return_value,
        coalesce(figures.unit_factor, claims.line_factor) as unit_factor,
        coalesce(claims.value * claims.claim_factor = figures.value, claims.grade = figures.grade, false) as is_equal,
        {{ agrees_with('figures') }} as is_within,
        scale.factor as scale_factor,
        -- 超, 突破, 以上 with no word of how far: a larger figure does not speak against them, nor a smaller one
        -- against 不到.
        coalesce(
            claims.comparator in ('>', '>=') and figures.value >= claims.value * claims.claim_factor
            and claims.value_raw !~ '[余多]'
            or claims.comparator in ('<', '<=') and figures.value <= claims.value * claims.claim_factor,
            false
        ) as is_borne_out,
        other.period_key as matching_period_key,
        other.year as matching_year
    from claims
    left join figures
        on
            claims.hospital_code = figures.hospital_code
            and claims.indicator_key = figures.indicator_key
            and claims.year = figures.year
    left join lateral (
        select power(cast(10 as numeric), places.places) as factor
        from (values (1), (2), (3), (4), (8), (-1), (-2), (-3), (-4), (-8)) as places (places)
        where
            claims.is_scale_telling
            and figures.value <> 0
            and (figures.value + figures.half_step) * power(cast(10 as numeric), places.places)
            >= claims.lowest * claims.claim_factor
            and (figures.value - figures.half_step) * power(cast(10 as numeric), places.places)
            <= claims.highest * claims.claim_factor
        order by abs(places.places)
        limit 1
    ) as scale on true
    left join lateral (
        select
            near.period_key,
            near.year
        from figures as near
        where
            near.hospital_code = claims.hospital_code
            and near.indicator_key = claims.indicator_key
            and near.year <> claims.year
            and {{ agrees_with('near') }}
        order by abs(near.year - claims.year) asc, near.year desc
        limit 1
    ) as other on true
),

judged as (
    select
        *,
        case
            when return_entry_id is null then 'absent'
            when is_equal then 'matched'
            when is_within then 'rounding'
            when scale_factor is not null then 'scale_error'
            when is_borne_out then 'rounding'
            when matching_period_key is not null then 'period_mismatch'
            else 'contradiction'
        end as verdict
    from compared
),

-- A report may say a figure several times: the saying that is furthest off is shown, the newest submission first.
ranked as (
    select
        *,
        count(*) over same_figure as claims_compared,
        count(*) filter (where verdict in ('matched', 'rounding')) over same_figure as claims_in_agreement,
        row_number() over (
            same_figure order by
                array_position(
                    array['contradiction', 'scale_error', 'period_mismatch', 'absent', 'rounding', 'matched'], verdict
                ) asc,
                submission_key desc,
                entry_id asc
        ) as order_no
    from judged
    window same_figure as (partition by hospital_code, indicator_key, year)
)

select
    hospital.hospital_key,
    ranked.indicator_key,
    period.period_key,
    ranked.verdict,
    ranked.submission_key as narrative_submission_key,
    ranked.entry_id as narrative_entry_id,
    ranked.label_raw as narrative_measure_zh,
    ranked.value_raw as narrative_raw,
    trim_scale(ranked.value * ranked.claim_factor / ranked.unit_factor) as narrative_value,
    ranked.comparator as narrative_comparator,
    ranked.is_year_stated,
    ranked.locator as narrative_locator,
    ranked.quote as narrative_quote,
    ranked.claims_compared,
    ranked.claims_in_agreement,
    ranked.return_submission_key,
    ranked.return_entry_id,
    ranked.return_raw,
    trim_scale(ranked.return_value / ranked.unit_factor) as return_value,
    ranked.return_locator,
    coalesce(ranked.return_unit, ranked.indicator_unit) as unit,
    trim_scale((ranked.value * ranked.claim_factor - ranked.return_value) / ranked.unit_factor) as difference,
    case when ranked.verdict = 'scale_error' then trim_scale(ranked.scale_factor) end as scale_factor,
    case when ranked.verdict in ('period_mismatch', 'absent') then ranked.matching_period_key end
        as matching_period_key,
    {{ reconciliation_sentence('zh') }} as explanation_zh,
    {{ reconciliation_sentence('en') }} as explanation_en
from ranked
left join {{ ref('dim_period') }} as period on period.period_code = cast(ranked.year as text)
left join {{ ref('int_hospital__version') }} as hospital
    on
        ranked.hospital_code = hospital.hospital_code
        and make_date(ranked.year, 12, 31) >= hospital.applies_from
        and make_date(ranked.year, 12, 31) < hospital.applies_to
where ranked.order_no = 1
