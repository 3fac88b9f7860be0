{#
  Grants and row-level security of the star, for every role: the warehouse's migrations know how. Run at the end of
  every dbt command, because a rebuilt table starts without either. A database without those migrations has no roles.
#}
{% macro secure_star() -%}
    do $secure$
    begin
        if to_regprocedure('access.secure_star()') is not null then
            call access.secure_star();
            call access.open_calendar();
        end if;
        -- v_indicator_trend reads it; it shows every hospital's figures, so users of one hospital do not read the trend.
        if
            to_regclass('intermediate.int_indicator_value__compared') is not null
            and (select count(*) = 2 from pg_roles where rolname in ('hiw_analyst', 'hiw_auditor'))
        then
            grant usage on schema intermediate to hiw_analyst, hiw_auditor;
            grant select on intermediate.int_indicator_value__compared to hiw_analyst, hiw_auditor;
        end if;
    end
    $secure$
{%- endmacro %}
