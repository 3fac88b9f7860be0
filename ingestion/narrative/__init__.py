"""Reading of prose: quantities, targets, claims, work items and their checks.

Every module takes plain text and gives plain dataclasses; nothing here touches files of a run, a database or
Airflow. Word lists are data (``data/*.yml``); the modules hold grammar only. Import what you need from the
module that owns it, e.g. ``from ingestion.narrative.claims import extract_claims``.
"""
