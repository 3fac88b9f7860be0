{{ config(materialized='incremental', incremental_strategy='restate') }}

-- The line that a claim speaks of: one of that name or alias, in a unit of the same kind. Where several catalogues
-- have it, the one whose figures the hospital reports, else the one that its level owes. Where none has it, the line
-- that its name looks like stands beside it as a proposal.
with claims as (
    select
        entry.submission_id,
        entry.submission_key,
        entry.entry_id,
        entry.hospital_code,
        entry.reporting_year,
        entry.label_raw,
        {{ name_key('entry.label_raw') }} as name_key,
        -- How much something changed is told in another unit than the thing.
        case when entry.role <> 'change' and entry.direction is null then unit.measured_in end as measured_in,
        coalesce(period.year, entry.reporting_year) as year
    from {{ ref('int_entry__restated') }} as entry
    left join {{ ref('dim_period') }} as period on entry.period_code = period.period_code
    left join {{ ref('stg_reference__unit') }} as unit on {{ name_key('entry.unit') }} = unit.written
    where
        entry.entry_kind = 'claim'
        and entry.is_newest
),

figures as (
    select distinct
        hospital.hospital_code,
        value.indicator_key
    from {{ ref('fct_indicator_value') }} as value
    inner join {{ ref('dim_hospital') }} as hospital on value.hospital_key = hospital.hospital_key
    where
        value.is_current
        and value.role is null
        and hospital.hospital_code in (select claims.hospital_code from claims)
),

lines as (
    select
        indicator.*,
        unit.measured_in
    from {{ ref('dim_indicator') }} as indicator
    left join {{ ref('stg_reference__unit') }} as unit on {{ name_key('indicator.unit') }} = unit.written
    where indicator.form is not null
),

found as (
    select
        claims.submission_id,
        claims.entry_id,
        named.indicator_key,
        named.known_by,
        cast(null as numeric) as score
    from claims
    inner join {{ ref('int_indicator__name') }} as named
        on
            claims.name_key = named.name_key
            and make_date(claims.year, 12, 31) between named.known_from and named.known_to
    union all
    select
        claims.submission_id,
        claims.entry_id,
        lines.indicator_key,
        'proposal' as known_by,
        proposal.score
    from claims
    inner join {{ ref('stg_reference__claim_proposal') }} as proposal on claims.label_raw = proposal.measure
    inner join lines
        on
            proposal.form = lines.form
            and proposal.line_code = lines.line_code
),

best as (
    select distinct on (claims.submission_id, claims.entry_id)
        claims.submission_id,
        claims.entry_id,
        found.indicator_key,
        found.known_by,
        found.score
    from claims
    inner join found
        on
            claims.submission_id = found.submission_id
            and claims.entry_id = found.entry_id
    inner join lines
        on
            found.indicator_key = lines.indicator_key
            and claims.year >= coalesce(lines.since_year, 0)
            and claims.year <= coalesce(lines.until_year, 9999)
            and coalesce(claims.measured_in = lines.measured_in, true)
    left join {{ ref('int_hospital__version') }} as hospital
        on
            claims.hospital_code = hospital.hospital_code
            and make_date(claims.year, 12, 31) >= hospital.applies_from
            and make_date(claims.year, 12, 31) < hospital.applies_to
    left join {{ ref('int_catalogue__owed') }} as owed
        on
            lines.catalogue = owed.catalogue
            and owed.owed_by_level in ('*', left(hospital.level_code, 1))
    left join figures
        on
            claims.hospital_code = figures.hospital_code
            and found.indicator_key = figures.indicator_key
    order by
        claims.submission_id asc,
        claims.entry_id asc,
        found.known_by = 'proposal' asc,
        figures.indicator_key is null asc,
        owed.catalogue is null asc,
        found.known_by = 'exact' desc,
        found.score desc,
        lines.indicator_kind desc,
        lines.line_ordinal asc
)

select
    hospital.hospital_key,
    claims.submission_key,
    claims.entry_id,
    claims.label_raw as measure_zh,
    coalesce(best.known_by, 'unmapped') as mapped_by,
    case when best.known_by <> 'proposal' then best.indicator_key end as indicator_key,
    case when best.known_by = 'proposal' then best.indicator_key end as proposed_indicator_key,
    best.score as proposal_score
from claims
left join best
    on
        claims.submission_id = best.submission_id
        and claims.entry_id = best.entry_id
left join {{ ref('int_hospital__version') }} as hospital
    on
        claims.hospital_code = hospital.hospital_code
        and make_date(claims.year, 12, 31) >= hospital.applies_from
        and make_date(claims.year, 12, 31) < hospital.applies_to
