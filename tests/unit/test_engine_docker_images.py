"""What the engine says of its images while others work with it too."""

from types import SimpleNamespace
from typing import Any

import docker.errors

from lab.engine.docker.engine import DockerEngine

TAG = "paddle-repro-lab/3.0.0-cpu-py311:0123456789ab"


class Images:
    """Two images in the list, one of which is gone once it is asked for."""

    def images(self, filters: dict[str, str]) -> list[dict[str, str]]:
        return [{"Id": "gone"}, {"Id": "there"}]

    def get(self, image: str) -> Any:
        if image == "gone":
            raise docker.errors.ImageNotFound("no such image: gone")
        return SimpleNamespace(
            id="sha256:1", tags=[TAG], attrs={"Created": "2026-11-30T00:00:00Z", "Size": 1}, labels={}
        )


def test_an_image_that_somebody_removes_while_they_are_listed_is_left_out() -> None:
    engine = DockerEngine.__new__(DockerEngine)
    client: Any = SimpleNamespace(api=Images(), images=Images())
    engine._client = client
    assert [one.tag for one in engine.images()] == [TAG]
