alter table gate.submission_check add column is_hospital_one boolean;
