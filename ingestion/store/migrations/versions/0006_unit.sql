create table reference.unit (
    written text primary key,
    measured_in text not null,
    factor numeric not null check (factor > 0)
);
comment on table reference.unit is
'One way a unit is written (width unified, lower case, without blanks), from ingestion/narrative/data/units.yml and the '
'lines of the forms: the unit that its figures are compared in, and the factor to that (万元 is CNY times 10000).';
-- The fingerprint of the data files stands in the comment of reference.form: without it they are loaded again.
comment on table reference.form is 'One form that hospitals submit, from ingestion/forms/<form>/form.yml.';
