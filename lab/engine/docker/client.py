"""The SDK's client with a deadline on every call: an engine that was stopped, or hangs, must not hang the lab."""

from typing import Any

import docker
import docker.api

ANSWER_S = 10
CALL_S = 60
# Making, taking in and deleting images moves gigabytes, and the engine says nothing meanwhile.
LONG_S = 1800


class DeadlineAPI(docker.APIClient):
    """Every request waits a bounded time for the next byte of its answer, also where the SDK itself would wait for ever.

    `timeout` bounds a short call; it may be set anew at any time.
    """

    def request(self, method: str | bytes, url: str | bytes, *words: Any, **more: Any) -> Any:
        """One call of the engine; what was asked for with a longer time keeps that."""
        asked, place = more.get("timeout"), str(url).partition("?")[0]
        moves = "/images/" in place and str(method).upper() in {"POST", "DELETE"}
        if asked is None or (moves and asked == self.timeout):
            more["timeout"] = LONG_S if moves else self.timeout
        return super().request(method, url, *words, **more)


class DeadlineClient(docker.DockerClient):
    """The SDK's objects over such calls."""

    def __init__(self, url: str) -> None:
        self.api = DeadlineAPI(base_url=url, timeout=ANSWER_S)

    def hurry(self) -> None:
        """The lab ends: what does not answer soon is left to the next lab."""
        self.api.timeout = ANSWER_S

    def work(self) -> None:
        """The engine answers: give it the time that work takes."""
        self.api.timeout = CALL_S
