"""The steps of the path, one file each: land, parse, load, gate, report. Called alike by the CLI and by DAG tasks."""
