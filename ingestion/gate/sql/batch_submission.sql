-- The batch of a reporting year. Of each hospital and form: the newest full revision that could be read, the patches
-- sent after it, and, where that revision stands rejected, the newest one before it that does not, since that one
-- stays in force. A rejected revision stays in the batch: its own validation must not make it a different batch.
insert into gate.batch_submission
with readable as (
    select
        submission_id,
        hospital_code,
        form,
        reporting_year,
        revision,
        revision_kind,
        sha256,
        status
    from audit.submission_status
    where
        reporting_year = %(reporting_year)s
        and status not in ('received', 'unreadable', 'withdrawn')
),

newest as (
    select distinct on (hospital_code, form) *
    from readable
    where revision_kind = 'full'
    order by hospital_code, form, revision desc
),

in_force as (
    select distinct on (r.hospital_code, r.form) r.*
    from readable as r
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
        coalesce(b.submission_id, p.submission_id) as base_submission_id
    from readable as p
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
    submission_id as base_submission_id,
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
    base_submission_id,
    hospital_code,
    form,
    reporting_year,
    revision,
    revision_kind,
    sha256,
    status
from patch
