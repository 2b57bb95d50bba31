"""Serve the web on loopback: gunicorn in front of `wsgi:app`."""

from gunicorn.app.base import BaseApplication

from saas.app import create_app


class _Web(BaseApplication):
    def __init__(self, port: int, workers: int) -> None:
        self._port, self._workers = port, workers
        super().__init__()

    def load_config(self) -> None:
        self.cfg.set("bind", f"127.0.0.1:{self._port}")
        self.cfg.set("workers", self._workers)
        self.cfg.set("accesslog", None)
        if "control_socket_disable" in self.cfg.settings:  # gunicorn 25 and newer would open one under $HOME
            self.cfg.set("control_socket_disable", True)

    def load(self) -> object:
        return create_app()  # in each web process, after the fork: connections are never shared


def serve(port: int, workers: int) -> None:
    """Serve until stopped."""
    _Web(port, workers).run()
