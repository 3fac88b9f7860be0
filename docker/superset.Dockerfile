# Apache Superset in an environment of its own: its pins do not go together with Airflow's.
FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/venv/bin:$PATH
RUN useradd --uid 50000 --create-home --home-dir /home/superset superset \
    && install -d -o superset -g superset /srv/superset /var/lib/superset /var/lib/superset-logins \
    && python -m venv /opt/venv

COPY requirements/bi.txt /tmp/requirements/
RUN pip install --no-deps --require-hashes -r /tmp/requirements/bi.txt

COPY --chown=superset:superset bi/superset /srv/superset
WORKDIR /var/lib/superset
USER 50000:50000
