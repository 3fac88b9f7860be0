"""The database side: connection, embedded server, migrations, registry of submissions."""
