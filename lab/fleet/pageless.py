"""dask's scheduler and worker without their web pages, which dask serves to whoever asks, in plain HTTP, even without a dashboard.

A fleet's promise is that every connection shows a certificate: no port is opened that does not.
"""

from typing import Any

from distributed import Scheduler, Worker
from distributed.http.routing import RoutingApplication
from tornado.httpserver import HTTPServer


class Pageless:
    """A node of dask that listens for its fleet alone."""

    http_application: RoutingApplication
    http_server: HTTPServer

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Have what dask goes on with afterwards, and let it listen nowhere."""
        self.http_application = RoutingApplication([])
        self.http_server = HTTPServer(self.http_application)


class PagelessScheduler(Pageless, Scheduler):
    """The middle of a fleet."""


class PagelessWorker(Pageless, Worker):
    """One host of a fleet."""
