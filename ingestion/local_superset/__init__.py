"""Superset on this machine: its settings and logins made, its programs run in an environment of their own
(``.venv-bi``), stopped again. Superset itself is never imported here."""

from ingestion.local_superset.instance import serve

__all__ = ["serve"]
