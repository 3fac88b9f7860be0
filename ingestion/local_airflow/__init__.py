"""Airflow on this machine: configured, started, used through its REST API, stopped. Airflow itself is never imported:
its programs run as processes of their own, with their whole configuration in their environment."""

from ingestion.local_airflow.instance import run_program
from ingestion.local_airflow.run import Failure, RunResult, run_to_end, serve

__all__ = ["Failure", "RunResult", "run_program", "run_to_end", "serve"]
