"""How gunicorn serves Superset, for `make bi` and for the compose stack alike; --bind comes from the command line."""

wsgi_app = "superset.app:create_app()"
preload_app = True  # one import for all workers: half the time to start, and shared memory
workers = 2
worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = 5


def post_fork(server, worker):
    """Give a worker connections of its own: those that the preloaded app opened belong to the parent."""
    from superset.extensions import db

    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)
