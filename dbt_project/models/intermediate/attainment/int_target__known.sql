-- A plan's target in all its versions is one series. What is known of it changes when a version comes or goes, and when
-- a figure of its years is reported, restated or taken back: a span lies between two such moments.
{{ config(materialized='table') }}

with stated as (
    select
        *,
        {{ hash_key([
            'hospital_code', 'form', 'measure_key', 'section_zh', 'horizon_code', 'occurrence_no',
        ]) }} as series_key
    from {{ ref('int_target__stated') }}
),

series as (
    select
        series_key,
        hospital_code,
        measure_key,
        min(valid_from) as first_known_from,
        -- The year before a yearly target's first one is what its first change is measured from.
        min(least(baseline_year, start_year - 1)) as first_year,
        max(end_year) as last_year
    from stated
    group by series_key, hospital_code, measure_key
),

answered as (
    select
        series.series_key,
        series.first_known_from,
        reported.valid_from,
        reported.valid_to
    from series
    inner join {{ ref('int_measure__reported') }} as reported
        on
            series.hospital_code = reported.hospital_code
            and series.measure_key = reported.measure_key
            and reported.year between series.first_year and series.last_year
),

changes as (
    select
        series_key,
        valid_from as moment
    from stated
    union
    select
        series_key,
        valid_to as moment
    from stated
    where valid_to is not null
    union
    select
        series_key,
        valid_from as moment
    from answered
    where valid_from > first_known_from
    union
    select
        series_key,
        valid_to as moment
    from answered
    where valid_to > first_known_from
),

spans as (
    select
        series_key,
        moment as known_from,
        lead(moment) over (partition by series_key order by moment asc) as known_to
    from changes
),

-- Versions in the order in which one outranks another; one that was held back and let in again is still the same.
versions as (
    select
        spans.known_from,
        spans.known_to,
        stated.*,
        {{ as_known_at('spans.known_from', 'stated') }} as is_standing,
        dense_rank() over (
            partition by spans.series_key, spans.known_from order by stated.reporting_year asc, stated.revision asc
        ) as version_no,
        row_number() over (
            partition by spans.series_key, spans.known_from, stated.reporting_year, stated.revision, stated.entry_id
            order by stated.valid_from desc
        ) as newest_no
    from spans
    inner join stated
        on
            spans.series_key = stated.series_key
            and spans.known_from >= stated.valid_from
),

told as (
    select
        *,
        bool_or(is_standing) over (partition by series_key, known_from) as has_standing
    from versions
    where newest_no = 1
)

-- The version that stands, and the first one beside it: what was promised at first is judged by the same figures.
select *
from told
where has_standing and (is_standing or version_no = 1)
