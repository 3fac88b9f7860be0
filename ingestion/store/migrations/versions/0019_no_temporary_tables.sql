-- Everybody who may connect may otherwise fill the server's disk with them. Nothing of ours makes any but dbt, as the
-- owner. Where another login owns the database this does nothing, with a warning.
do $rights$
begin
    execute format('revoke temporary on database %I from public', current_database());
end
$rights$;
