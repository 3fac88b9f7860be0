{#
  In place of dbt's own renaming of what was there and of what takes its place: both in one step, with the views that
  read it following, so that people find every table and view at any time, as it was or as it is (policies follow when the
  former table is dropped). A table of another shape takes down with it what cannot read it any more, until that is made
  anew itself.
#}
{% macro postgres__rename_relation(from_relation, to_relation) -%}
    {%- if not to_relation.identifier.endswith('__dbt_backup') -%}
        {%- call statement('rename_relation') -%}
            {{ give_way(take_place(from_relation, to_relation), 2400) }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}


{% macro take_place(new, former) -%}
    {%- set backup = make_backup_relation(former, former.type) -%}
    -- While nothing that reads it is dropped (macro postgres__drop_relation).
    perform pg_advisory_xact_lock(hashtext('one drop at a time'));
    declare
        before regclass := to_regclass('{{ former }}');
        following text[] := array(
            select distinct
                format(
                    'create or replace view %s %s as %s', view.oid::regclass,
                    'with (' || array_to_string(view.reloptions, ', ') || ')', pg_get_viewdef(view.oid)
                )
            from pg_depend as said
            inner join pg_rewrite as rule on said.classid = 'pg_rewrite'::regclass and said.objid = rule.oid
            inner join pg_class as view on rule.ev_class = view.oid and view.relkind = 'v'
            where said.refclassid = 'pg_class'::regclass and said.refobjid = before and view.oid != before
        );
        key_name text;
        statement text;
    begin
        -- A view that becomes a table or the other way round is dropped at once, as dbt would drop it as what it becomes; so
        -- is what a build that was killed left behind.
        for statement in
            select format('drop %s %s cascade', case gone.relkind when 'v' then 'view' else 'table' end, gone.oid::regclass)
            from pg_class as gone
            inner join pg_class as new on new.oid = '{{ new }}'::regclass
            where gone.oid = to_regclass('{{ backup }}') or (gone.oid = before and gone.relkind != new.relkind)
        loop
            execute statement;
        end loop;
        if to_regclass('{{ former }}') is not null then
            alter table {{ former }} rename to {{ adapter.quote(backup.identifier) }};
            -- Names of indexes are one a schema.
            select conname into key_name from pg_constraint where conrelid = before and contype = 'p';
            if found then
                execute format('alter table {{ backup }} rename constraint %I to %I', key_name, key_name || '__former');
            end if;
        end if;
        alter table {{ new }} rename to {{ adapter.quote(former.identifier) }};
        for key_name in
            select conname from pg_constraint where conrelid = to_regclass('{{ former }}') and conname like '%\_\_dbt\_tmp%'
        loop
            execute format(
                'alter table {{ former }} rename constraint %I to %I', key_name, replace(key_name, '__dbt_tmp', '')
            );
        end loop;
        foreach statement in array following loop
            begin
                execute statement;
            exception
                when lock_not_available then
                    raise;
                when others then
                    raise notice '%: %', sqlerrm, statement;
            end;
        end loop;
    end;
{%- endmacro %}
