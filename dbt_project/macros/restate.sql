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
    {%- set columns = meta.get('restated_by', ['hospital_key']) | join(', ') -%}
    ({{ columns }}) in (select {{ columns }} from intermediate.{{ meta.get('restated_in', 'int_hospital__restated') }})
{%- endmacro %}


{#
  The condition that entries (`alias`) stand in the submissions of a short list (a relation with their ids). An array goes
  through every view down to raw, which finds them by its key; a join would put all entries of all submissions together
  first. In a build of everything the list is everything there is.
#}
{% macro of_submissions(alias, submissions) -%}
    {%- if build_scope().is_full -%}
        true
    {%- else -%}
        {{ alias }}.submission_id = any(array(select listed.submission_id from {{ submissions }} as listed))
    {%- endif -%}
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
