create index entry_other_than_value on raw.entry (entry_kind, submission_id) where entry_kind <> 'value';
