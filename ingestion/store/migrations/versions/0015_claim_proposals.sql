-- Which line the measure of a claim may speak of: look-alikes for a person to decide, as for names of lines.

create table reference.claim_proposal (
    measure text not null,
    form text not null,
    line_code text not null,
    score numeric not null check (score > 0 and score < 100),
    primary key (measure, form, line_code)
);
comment on table reference.claim_proposal is
'One line of a form whose name looks like what a claim measures, score 0 to 100. Never taken by itself: a person confirms '
'(hiw confirm indicator) or refuses it.';

-- As before, and the name itself: the star compares names in its own way.
create or replace view reference.standing_alias as
with decided as (
    select distinct on (kind, scope, name_key, target) *
    from audit.name_decision
    order by kind asc, scope asc, name_key asc, target asc, decision_id desc
),

known as (
    select
        0 as rank,
        kind,
        scope,
        name_key,
        target,
        valid_from,
        valid_to,
        name
    from reference.alias
    union all
    select
        decision_id as rank,
        kind,
        scope,
        name_key,
        target,
        valid_from,
        valid_to,
        name
    from decided
    where not is_refusal
)

select
    k.kind,
    k.scope,
    k.name_key,
    k.target,
    coalesce(k.valid_from, '-infinity') as valid_from,
    coalesce(k.valid_to, 'infinity') as valid_to,
    k.rank,
    k.name
from known as k
where not exists (
    select from decided as d
    where
        d.is_refusal and d.kind = k.kind and d.scope = k.scope and d.name_key = k.name_key and d.target = k.target
        and d.decision_id > k.rank
);

create view reference.refused_name as
select kind, scope, name_key, target
from (
    select distinct on (kind, scope, name_key, target) *
    from audit.name_decision
    order by kind asc, scope asc, name_key asc, target asc, decision_id desc
) as newest
where is_refusal;
comment on view reference.refused_name is 'What somebody said that a name does not mean; it is not proposed again.';

create view reference.standing_claim_proposal as
select p.*
from reference.claim_proposal as p
where not exists (
    select from reference.refused_name as r
    where
        r.kind = 'indicator' and r.scope = p.form and r.target = p.line_code
        and r.name_key = reference.label_key(p.measure)
);
comment on view reference.standing_claim_proposal is 'Proposals for claims that nobody has refused.';

-- The claims that are here are looked at when the data files are read next.
delete from reference.data_files;
