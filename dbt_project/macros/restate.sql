{#
  How tables are brought up to date without being made anew (incremental_strategy of their models). Both leave the
  table, its keys and its grants in place, so that foreign keys between tables that are not rebuilt stay real.

  restate  Facts. What a model selects takes the place of every row that belongs to something restated: by default
           everything of a hospital; where meta names `restated_by` (columns) and `restated_in` (a relation of schema
           intermediate with these columns), everything of a row there.
  mirror   Dimensions. The model selects all there is; rows that differ are changed, by `unique_key`. A row that is gone
           and still referred to stops the build: nothing of raw or audit is ever removed.
#}
{% macro get_incremental_restate_sql(arguments) -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') -%}
    {%- set is_restated = restated_rows(model) -%}
    delete from {{ arguments.target_relation }} where {{ is_restated }};
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }} where {{ is_restated }}
{%- endmacro %}


{% macro get_incremental_mirror_sql(arguments) -%}
    {%- set all = arguments.dest_columns | map(attribute='quoted') | list -%}
    {%- set key = adapter.quote(arguments.unique_key) -%}
    {%- set others = all | reject('equalto', key) | list -%}
    delete from {{ arguments.target_relation }} as kept
    where not exists (select 1 from {{ arguments.temp_relation }} as found where found.{{ key }} = kept.{{ key }});
    insert into {{ arguments.target_relation }} as kept ({{ all | join(', ') }})
    select {{ all | join(', ') }} from {{ arguments.temp_relation }}
    on conflict ({{ key }}) do
    {%- if others %} update set
        {% for name in others %}{{ name }} = excluded.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    where (kept.{{ others | join(', kept.') }}) is distinct from (excluded.{{ others | join(', excluded.') }})
    {%- else %} nothing
    {%- endif %}
{%- endmacro %}


{# The condition that a row belongs to what the build restates, for the table of a model with that strategy. #}
{% macro restated_rows(node) -%}
    {%- set meta = node.config.meta or {} -%}
    {%- set columns = meta.get('restated_by', ['hospital_key']) -%}
    {%- set list = 'intermediate.' ~ meta.get('restated_in', 'int_hospital__restated') -%}
    {%- if columns | length == 1 -%}
        {{ is_listed(columns[0], list) }}
    {%- else -%}
        ({{ columns | join(', ') }}) in (select {{ columns | join(', ') }} from {{ list }})
    {%- endif -%}
{%- endmacro %}


{#
  The condition that a column is one of those in a short list, a relation with a column of that name. An array goes through
  every view and join down to the table, which finds its rows by a key; a semi-join would first put together what all of
  them are joined with. In a build of everything the list is everything there is. A view that uses it says so in its meta.
#}
{% macro in_list(column, list) -%}
    {%- if build_scope().is_full -%} true {%- else -%} {{ is_listed(column, list) }} {%- endif -%}
{%- endmacro %}


{% macro is_listed(column, list) -%}
    {{ column }} = any(array(select listed.{{ column.split('.') | last }} from {{ list }} as listed))
{%- endmacro %}


{#
  Generic tests look at what the build has restated, not at the whole of a table that was right before (of a view, where
  its meta says by which columns that is told); a full build looks at everything.
#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute else none -%}
    {%- set is_restated = tested and (
        tested.config.incremental_strategy == 'restate' or 'restated_by' in (tested.config.meta or {})
    ) -%}
    {%- if is_restated and relation.identifier == tested.alias and not build_scope().is_full -%}
        {%- set where = ('(' ~ where ~ ') and ' if where else '') ~ restated_rows(tested) -%}
    {%- endif -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') dbt_subquery' if where else relation) }}
{%- endmacro %}
