-- A file that shall stand again, or be read by mended data files of its form, has the same bytes as one that came before.
alter table audit.submission
    add column again_of text references audit.submission (submission_id),
    drop constraint submission_hospital_code_reporting_year_form_sha256_key,
    add unique nulls not distinct (hospital_code, reporting_year, form, sha256, again_of);
comment on column audit.submission.again_of is
'The submission of the same bytes that somebody sent again; null where the bytes were new to the form, hospital and year.';
