"""Submissions of public hospitals: landed, parsed, loaded, gated. Plain Python; never imports airflow."""
