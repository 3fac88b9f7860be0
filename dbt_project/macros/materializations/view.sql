{#
  A view that is there stays in a build of what has changed: models are as they were (macro build_fingerprint), so it
  would be made anew in the same words. Not so one that asks for what is restated (meta: has_scope), as macro in_list has
  other words for everything.
#}
{% materialization view, adapter='postgres' %}
    {%- if flags.WHICH == 'build' and is_whole_project() and not build_scope().is_full
        and not (config.get('meta') or {}).get('has_scope')
        and run_query("select to_regclass('" ~ this ~ "')")[0][0] is not none -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
        {%- do adapter.commit() -%}
        {{ return({'relations': [this.incorporate(type='view')]}) }}
    {%- else -%}
        {{ return(dbt.materialization_view_default()) }}
    {%- endif -%}
{% endmaterialization %}
