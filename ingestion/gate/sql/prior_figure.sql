-- What the hospitals of the batch stated in the returns of the five years before, as far as the newest gate run of each
-- of those years took it in. Of two returns that state the same year, the newer one counts.
insert into gate.prior_figure (
    hospital_code, form, department_key, line_code, year, value, decimals_unit, is_count, stated, reporting_year
)
with batch as (
    select distinct
        hospital_code,
        form,
        reporting_year
    from gate.batch_submission
),

newest_run as (
    select distinct on (r.reporting_year)
        r.reporting_year,
        r.gate_run_id
    from audit.gate_run as r
    inner join (select min(reporting_year) as reporting_year from batch) as b
        on r.reporting_year between b.reporting_year - 5 and b.reporting_year - 1
    order by r.reporting_year asc, r.finished_at desc
)

select distinct on (s.hospital_code, s.form, d.department_key, e.line_code, e.period)
    s.hospital_code,
    s.form,
    d.department_key,
    e.line_code,
    e.period::integer as year,
    e.value,
    0.5 * power(10::numeric, -coalesce(e.stated_decimals, scale(trim_scale(e.value)))) as decimals_unit,
    l.value_type = 'integer' as is_count,
    e.value_raw as stated,
    s.reporting_year
from newest_run as r
inner join audit.entry_disposition as c on r.gate_run_id = c.gate_run_id and c.disposition in ('accepted', 'flagged')
inner join audit.submission as s on c.submission_id = s.submission_id
inner join batch as b on s.hospital_code = b.hospital_code and s.form = b.form
inner join raw.reading as e on c.submission_id = e.submission_id and c.entry_id = e.entry_id
inner join reference.form_line as l on s.form = l.form and e.line_code = l.line_code
cross join lateral (select coalesce(e.department_name, '') as department_key) as d
where
    e.entry_kind = 'value'
    and e.period ~ '^[0-9]{4}$'
    and abs(e.value) < 'Infinity'::numeric
order by s.hospital_code, s.form, d.department_key, e.line_code, e.period, s.reporting_year desc, s.revision desc
