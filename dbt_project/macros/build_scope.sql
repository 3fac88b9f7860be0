{#
  Whether a build makes everything anew or only what has changed, decided once, before its first node, and kept in
  intermediate.build_scope for every node of it. Whoever runs dbt (hiw build, Cosmos, a person) takes this one path.

    is_full      everything is made anew: asked for with --full-refresh, or the fingerprint is another one than that of
                 the build before, or that build was itself a full one and did not end well
    carries_over the build before did not end well: what it was to restate is restated again
    is_complete  the build has ended, every node of it well

  A command that selects a part of the project leaves the scope as it is: its inputs are still those of that build.
#}
{% macro open_build() -%}
    {%- if execute and flags.WHICH == 'build' and is_whole_project() -%}
        {%- do run_query(scope_tables()) -%}
        {%- do run_query(drop_leftovers()) -%}
        {%- set before = build_scope() -%}
        {%- set fingerprint = build_fingerprint() -%}
        {%- set is_full = (
            flags.FULL_REFRESH or before.fingerprint != fingerprint or (before.is_full and not before.is_complete)
        ) -%}
        {%- if is_full and not flags.FULL_REFRESH -%}
            {{ log("Everything is built anew: " ~ (
                "it is the first build." if before.fingerprint is none
                else "models, seeds, forms or migrations have changed." if before.fingerprint != fingerprint
                else "the full build before did not end well."
            ), info=true) }}
        {%- endif -%}
        {%- if is_full -%}
            {%- do run_query(drop_foreign_keys()) -%}
        {%- endif %}
        begin;
        delete from intermediate.build_scope;
        insert into intermediate.build_scope (fingerprint, is_full, carries_over, is_complete)
        values ('{{ fingerprint }}', {{ is_full }}, {{ before.fingerprint is none or not before.is_complete }}, false);
        commit;
    {%- elif execute and flags.FULL_REFRESH and flags.WHICH in ('build', 'run', 'seed') -%}
        {{ exceptions.raise_compiler_error(
            "--full-refresh of a part would leave it with what the last build restated: run `dbt build --full-refresh`"
            " without a selection."
        ) }}
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}


{# At the end of a whole build in which nothing failed: what was built is now known as built. #}
{% macro close_build(results) -%}
    {%- if execute and flags.WHICH == 'build' and is_whole_project()
        and results | rejectattr('status', 'in', ['success', 'pass', 'warn', 'no-op']) | list | length == 0 -%}
        begin;
        truncate intermediate.submission_built;
        insert into intermediate.submission_built
        select submission_id, hospital_code, basis from intermediate.int_submission__basis;
        {% if build_scope().is_full -%}
            truncate intermediate.hospital_year_built;
        {%- endif %}
        insert into intermediate.hospital_year_built (hospital_code, reporting_year, basis, score_basis)
        select hospital_code, reporting_year, year.basis, score.basis
        from intermediate.int_hospital_year__basis as year
        inner join intermediate.int_hospital_year__score_basis as score using (hospital_code, reporting_year)
        on conflict (hospital_code, reporting_year) do update
        set basis = excluded.basis, score_basis = excluded.score_basis;
        update intermediate.build_scope set is_complete = true;
        commit;
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}


{% macro is_whole_project() -%}
    {%- set nodes = graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'seed'])
        | map(attribute='unique_id') | list -%}
    {{ return(nodes | reject('in', selected_resources) | list | length == 0) }}
{%- endmacro %}


{% macro scope_tables() -%}
    create schema if not exists intermediate;
    create table if not exists intermediate.build_scope (
        fingerprint text not null, is_full boolean not null, carries_over boolean not null, is_complete boolean not null
    );
    create table if not exists intermediate.submission_built (
        submission_id text primary key, hospital_code text not null, basis text not null
    );
    create table if not exists intermediate.hospital_year_built (
        hospital_code text not null, reporting_year integer not null, basis text not null, score_basis text,
        primary key (hospital_code, reporting_year)
    );
{%- endmacro %}


{# The scope as it stands; before the first build, that of a build of everything. #}
{% macro build_scope() -%}
    {%- set unknown = {'fingerprint': none, 'is_full': true, 'carries_over': true, 'is_complete': true} -%}
    {%- if not execute or run_query("select to_regclass('intermediate.build_scope')")[0][0] is none -%}
        {{ return(unknown) }}
    {%- endif -%}
    {%- set rows = run_query("select fingerprint, is_full, carries_over, is_complete from intermediate.build_scope") -%}
    {{ return(
        {'fingerprint': rows[0][0], 'is_full': rows[0][1], 'carries_over': rows[0][2], 'is_complete': rows[0][3]}
        if rows | length > 0 else unknown
    ) }}
{%- endmacro %}


{#
  In a build of what has changed: the hospitals and years whose `basis` (of the model `of`) is another one than that in
  the column `built_as` of what was built before, and those that a build which did not end well was to look at.
#}
{% macro changed_hospital_years(of, built_as) -%}
    select
        found.hospital_code,
        found.reporting_year
    from {{ of }} as found
    left join intermediate.hospital_year_built as built
        on
            found.hospital_code = built.hospital_code
            and found.reporting_year = built.reporting_year
    where built.{{ built_as }} is distinct from found.basis
    {% if build_scope().carries_over %}
        union
        select
            before.hospital_code,
            before.reporting_year
        from {{ this }} as before
    {% endif %}
{%- endmacro %}


{#
  A hash over all that the star is made of besides submissions: models with their contracts, seeds, macros, variables,
  the forms, the rules, the migrations, the smallest group that is told of, what names mean, corrections.
#}
{% macro build_fingerprint() -%}
    {%- set parts = [dbt_version] -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'seed']) | sort(attribute='unique_id') -%}
        {%- do parts.append([
            node.unique_id, node.checksum.checksum, node.config.materialized, node.config.incremental_strategy,
            node.config.indexes, node.config.meta, node.config.column_types, node.constraints, node.schema
        ] | string) -%}
        {%- for column in node.columns.values() -%}
            {%- do parts.append([column.name, column.data_type, column.constraints] | string) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name, macro in context[project_name].items() | sort -%}
        {%- do parts.append(macro.macro.macro_sql) -%}
    {%- endfor -%}
    {%- for name in ['first_year', 'last_year', 'small_denominator', 'small_expected_cases'] -%}
        {%- do parts.append(var(name) | string) -%}
    {%- endfor -%}
    {%- set of_database = run_query(
        "select (select string_agg(fingerprint, ' ') from reference.data_files), (select max(version_num) from audit.alembic_version),"
        " access.minimum_peer_hospitals(),"
        " (select md5(string_agg(rule::text, chr(10) order by rule::text)) from audit.rule as rule),"
        " (select md5(string_agg(name::text, chr(10) order by name::text)) from reference.name_in_force as name),"
        " (select md5(string_agg(refused::text, chr(10) order by refused::text)) from reference.refused_name as refused),"
        " (select md5(string_agg(alias::text, chr(10) order by alias::text)) from reference.standing_alias as alias),"
        " (select string_agg(concat_ws(' ', event_id, ended_as), ' ' order by event_id) from reference.correction_span)"
    ) -%}
    {%- do parts.append(of_database[0].values() | list | string) -%}
    {{ return(local_md5(parts | join('\n'))) }}
{%- endmacro %}


{#
  In place of dbt's own macro: a table is made anew where the build makes everything anew, never by a look at the
  command line alone.
#}
{% macro should_full_refresh() -%}
    {{ return(build_scope().is_full) }}
{%- endmacro %}
