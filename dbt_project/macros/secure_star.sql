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
    end
    $secure$
{%- endmacro %}
