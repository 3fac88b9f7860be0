{#
  Grants and row-level security of the star, for every role: the warehouse's migrations know how. A table or view gets
  its own when it is made (secure_relation, in macro finish_table), in the transaction that shows it; what is still
  missing when dbt ends, the whole star. A database without those migrations has no roles.
#}
{% macro secure_star() -%}
    {%- if execute and run_query("select to_regprocedure('access.secure_relation(regclass)')")[0][0] is not none -%}
        {{ give_way('call access.secure_star(); call access.open_calendar();') }}
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}


{% macro secure_relation(relation) -%}
    do $secure$
    begin
        if to_regprocedure('access.secure_relation(regclass)') is not null then
            call access.secure_relation('{{ relation }}');
        end if;
    end
    $secure$;
{%- endmacro %}
