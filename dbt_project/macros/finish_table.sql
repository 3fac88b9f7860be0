{#
  How a table is made ready for those who read it. What takes time happens while nobody sees it, before it takes the place
  of what was there (macro take_place): indexes, its place on a cluster (macro distribute), primary and foreign keys, and
  statistics, so that the models that follow are planned on what is in it. In place of dbt's own, which makes the indexes.
#}
{% macro postgres__create_indexes(relation) -%}
    {%- do default__create_indexes(relation) -%}
    {%- if model.resource_type == 'model' -%}
        {%- call statement('finish') -%}
            {%- if config.get('contract').enforced -%}
                {{ distribute(relation, model.columns.keys() | list, has_citus()) }}
                {{ lock_dimensions() }}
                {%- for constraint in adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
                    alter table {{ relation }} add {{ constraint }};
                {%- endfor -%}
            {%- endif %}
            analyze {{ relation }};
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}


{#
  What people read is opened to those who may, in the transaction that shows it. A table that was only brought up to date
  gets new statistics where a tenth of it has changed, the measure of autovacuum: a build of what has changed does not
  read the rest of the table for them. A post-hook of every model.
#}
{% macro finish_table() -%}
    {%- if execute and is_incremental() -%}
        {{ analyze_if_changed() }}
    {%- elif execute and this.schema in ('marts', 'quality') -%}
        {{ secure_relation(this) }}
    {%- endif -%}
{%- endmacro %}


{% macro analyze_if_changed() -%}
    do $analyze$
    begin
        if (
            select
                reltuples < 0
                or pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
                + pg_stat_get_xact_tuples_deleted(oid) + pg_stat_get_mod_since_analyze(oid) > 50 + reltuples / 10
            from pg_class
            where oid = to_regclass('{{ this }}')
        ) then
            analyze {{ this }};
        end if;
    end
    $analyze$;
{%- endmacro %}


{# The dimensions that the keys of the model lead to, always in one order: tables that take their keys at once queue. #}
{% macro lock_dimensions() -%}
    {%- set foreign_keys = model.constraints | selectattr('type', 'equalto', 'foreign_key') | list -%}
    {%- set dimensions = foreign_keys | map(attribute='to') | unique | sort -%}
    {%- if dimensions -%}
        lock table {{ dimensions | join(', ') }} in share row exclusive mode;
    {%- endif -%}
{%- endmacro %}
