# Airflow, dbt, Great Expectations and this project: the image of every Airflow service and of the one-off commands.
FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/venv/bin:$PATH
RUN useradd --uid 50000 --create-home --home-dir /home/hiw hiw \
    && install -d -o hiw -g hiw /srv/hiw /var/lib/hiw /var/lib/superset-logins /backups \
    && python -m venv /opt/venv

COPY requirements/base.txt requirements/stack.txt /tmp/requirements/
RUN pip install --no-deps --require-hashes -r /tmp/requirements/base.txt -r /tmp/requirements/stack.txt

COPY --chown=hiw:hiw . /srv/hiw
WORKDIR /srv/hiw
RUN pip install --no-deps --no-build-isolation --editable .

USER 50000:50000
ENTRYPOINT ["python", "/srv/hiw/docker/entrypoint.py"]
CMD ["hiw", "--help"]
