-- The batch of a reporting year. Of each hospital and form: the newest full revision whose entries were loaded, the
-- patches sent after it, and, where that revision stands rejected, the newest one before it that does not, since that one
-- stays in force. A rejected revision stays in the batch: its own validation must not make it a different batch.
insert into gate.batch_submission
with loaded as (
    select
        s.submission_id,
        s.submission_key,
        s.hospital_code,
        s.form,
        s.reporting_year,
        s.revision,
        s.revision_kind,
        s.sha256,
        s.status
    from audit.submission_status as s
    where
        s.reporting_year = %(reporting_year)s
        and s.status not in ('unreadable', 'withdrawn')
        and exists (
            select from audit.submission_event as e
            where e.submission_id = s.submission_id and e.status = 'parsed'
        )
),

newest as (
    select distinct on (hospital_code, form) *
    from loaded
    where revision_kind = 'full'
    order by hospital_code, form, revision desc
),

in_force as (
    select distinct on (r.hospital_code, r.form) r.*
    from loaded as r
    inner join newest as n on r.hospital_code = n.hospital_code and r.form = n.form
    where n.status = 'rejected' and r.revision_kind = 'full' and r.status != 'rejected'
    order by r.hospital_code, r.form, r.revision desc
),

base as (
    select * from newest
    union all
    select * from in_force
),

patch as (
    -- A patch belongs to the full revision before it; one that nothing precedes stands for itself.
    select distinct on (p.submission_id)
        p.*,
        coalesce(b.submission_key, p.submission_key) as base_key
    from loaded as p
    left join base as b
        on
            p.hospital_code = b.hospital_code
            and p.form = b.form
            and p.revision > b.revision
            and b.status != 'rejected'
    where
        p.revision_kind = 'patch'
        and p.status != 'rejected'
        and (
            b.submission_id is not null
            or not exists (select from newest as n where n.hospital_code = p.hospital_code and n.form = p.form)
        )
    order by p.submission_id asc, b.revision desc
)

select
    submission_id,
    submission_key,
    submission_key as base_key,
    hospital_code,
    form,
    reporting_year,
    revision,
    revision_kind,
    sha256,
    status
from base
union all
select
    submission_id,
    submission_key,
    base_key,
    hospital_code,
    form,
    reporting_year,
    revision,
    revision_kind,
    sha256,
    status
from patch
