-- What the claims of narrative submissions are held against. The contradictions inside a document are found where it is
-- parsed and lie with the claim; a reviewer who confirmed a claim knows of them, and one with a figure that a reviewer
-- rejected, on either side, is none.
insert into gate.claim_check (
    submission_id, entry_id, form, reporting_year, period, year, locator, stated, expected, kind, is_right
)
with claim as (
    select
        e.submission_id,
        e.entry_id,
        b.form,
        b.reporting_year,
        e.period,
        substring(e.period from '([0-9]{4})$')::integer as year,
        e.locator,
        e.value_raw,
        e.detail,
        d.decision,
        d.reason,
        p.start_char,
        p.end_char
    from gate.batch_submission as b
    inner join audit.submission as s on b.submission_id = s.submission_id
    inner join raw.entry as e on b.submission_id = e.submission_id and e.entry_kind = 'claim'
    cross join lateral (
        select
            substring(e.locator from '^chars ([0-9]{1,9})-[0-9]{1,9}$')::integer as start_char,
            substring(e.locator from '^chars [0-9]{1,9}-([0-9]{1,9})$')::integer as end_char
    ) as p
    left join audit.standing_claim_decision as d
        on s.sha256 = d.sha256 and p.start_char = d.start_char and e.value_raw = d.mention
)

select
    c.submission_id,
    c.entry_id,
    c.form,
    c.reporting_year,
    c.period,
    c.year,
    c.locator,
    c.value_raw as stated,
    h.expected,
    h.kind,
    h.is_right
from claim as c
left join raw.document as t on c.submission_id = t.submission_id
cross join lateral (
    select
        m.found as expected,
        'mention' as kind,
        m.found is not null and m.found = c.value_raw as is_right
    from (select substr(t.text, c.start_char + 1, c.end_char - c.start_char) as found) as m
    union all
    select
        x.contradiction ->> 'expected' as expected,
        x.contradiction ->> 'kind' as kind,
        coalesce(c.decision = 'confirm', false) as is_right
    from jsonb_array_elements(c.detail -> 'contradictions') as x (contradiction)
    where
        c.decision is distinct from 'reject'
        and not exists (
            select
            from regexp_matches(x.contradiction ->> 'expected', '\(chars ([0-9]{1,9})-', 'g') as cited (place)
            inner join claim as other
                on c.submission_id = other.submission_id and cited.place[1]::integer = other.start_char
            where other.decision = 'reject'
        )
    union all
    select
        c.reason as expected,
        'review' as kind,
        false as is_right
    where c.decision = 'reject'
) as h
