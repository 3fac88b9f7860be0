-- Before the first build nobody has peers yet, and to ask for them is no error: a backup reads every view.
create or replace function access.indicator_peers() returns table (
    level text,
    indicator_code text,
    line_code text,
    name_zh text,
    unit text,
    year integer,
    hospitals bigint,
    lower_quartile numeric,
    median numeric,
    upper_quartile numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- Made after the dimensions: where it stands, they stand.
    if to_regclass('marts.fct_indicator_value') is null then
        return;
    end if;
    return query
    select
        left(hospital.level_code, 1),
        indicator.indicator_code,
        indicator.line_code,
        min(indicator.name_zh),
        fact.unit,
        period.year,
        count(distinct hospital.hospital_code),
        percentile_cont(0.25) within group (order by fact.value::float8)::numeric,
        percentile_cont(0.50) within group (order by fact.value::float8)::numeric,
        percentile_cont(0.75) within group (order by fact.value::float8)::numeric
    from marts.fct_indicator_value as fact
    inner join marts.dim_hospital as hospital using (hospital_key)
    inner join marts.dim_indicator as indicator using (indicator_key)
    inner join marts.dim_period as period using (period_key)
    inner join marts.dim_department as department using (department_key)
    where
        fact.is_current
        and not fact.is_cleared
        and fact.value is not null
        and period.period_kind = 'year'
        and department.is_whole_hospital
        -- A local indicator is the word of one plan: its name alone would tell whose it is.
        and indicator.indicator_kind <> 'local'
    group by left(hospital.level_code, 1), indicator.indicator_code, indicator.line_code, fact.unit, period.year
    having count(distinct hospital.hospital_code) >= access.minimum_peer_hospitals();
end
$function$;
