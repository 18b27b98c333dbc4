"""The real kubectl against an API server that only writes down what it is asked: what is made, with which rights, and that all of it goes."""

import base64
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.errors import InfraError
from lab.fleet import submit, ticket
from lab.fleet.launch import Pod
from tests.conftest import ROOT
from tests.unit.test_fleet_submit import ticket_for

POD = Pod(name="like", image="registry.example/lab:1", driver="10.0.0.5")
GROUPS = {
    "/api/v1": {"pods": "Pod", "secrets": "Secret"},
    "/apis/networking.k8s.io/v1": {"networkpolicies": "NetworkPolicy"},
}
VERBS = {"GET": "get", "POST": "create", "PATCH": "patch", "DELETE": "delete"}
OBJECT = re.compile(
    r"(?P<group>/api/v1|/apis/[^/]+/v1)/namespaces/(?P<space>[^/]+)/(?P<kind>\w+)(?:/(?P<name>[^/?]+))?"
)


@dataclass
class Cluster:
    """What lies in it, by kind and name, and every request for an object as (verb, kind)."""

    objects: dict[tuple[str, str], Any] = field(default_factory=dict)
    made: list[tuple[str, Any]] = field(default_factory=list)
    asked: set[tuple[str, str]] = field(default_factory=set)
    refuses: str = ""

    def answer(self, verb: str, path: str, body: bytes) -> tuple[int, Any]:
        found = OBJECT.match(path)
        if found is None:
            return self.discovery(path)
        kind, name = found["kind"], found["name"] or ""
        self.asked.add((VERBS[verb], kind))
        if verb == "POST":
            if kind == self.refuses:
                return 403, status(403, "Forbidden", f"{kind} is forbidden")
            made = read(body)
            self.objects[kind, made["metadata"]["name"]] = made
            self.made.append((kind, made))
            return 201, made
        if (kind, name) not in self.objects:
            return 404, status(404, "NotFound", f"{kind} {name!r} not found")
        if verb == "DELETE":
            del self.objects[kind, name]
            return 200, status(200, "", "")
        return 200, self.objects[kind, name]

    def discovery(self, path: str) -> tuple[int, Any]:
        at = path.partition("?")[0]
        if at == "/api":
            return 200, {"kind": "APIVersions", "versions": ["v1"]}
        if at == "/apis":
            version = {"groupVersion": "networking.k8s.io/v1", "version": "v1"}
            group = {"name": "networking.k8s.io", "versions": [version], "preferredVersion": version}
            return 200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group]}
        if at in GROUPS:
            resources = [
                {"name": name, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": list(VERBS.values())}
                for name, kind in GROUPS[at].items()
            ]  # fmt: skip
            about = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": at.partition("s/")[2] or "v1"}
            return 200, {**about, "resources": resources}
        if at == "/openapi/v3":  # as a server says that checks fields itself
            return 200, {"paths": {one.strip("/"): {"serverRelativeURL": f"/openapi/v3{one}"} for one in GROUPS}}
        if at.startswith("/openapi/v3/"):
            return 200, openapi(at.removeprefix("/openapi/v3"))
        return 404, status(404, "NotFound", at)


def read(body: bytes) -> Any:
    """An object as it was sent; kubectl sends a secret as protobuf, in which a ticket lies as it is."""
    if not body.startswith(b"k8s\0"):
        return json.loads(body)
    (held,) = re.findall(rb'{"protocol".*}\n', body)
    return {"metadata": {"name": json.loads(held)["name"]}, "data": {"ticket": base64.b64encode(held).decode()}}


def openapi(group: str) -> Any:
    parameters = [{"name": "fieldValidation", "in": "query"}]
    paths = {}
    for name, kind in GROUPS[group].items():
        about = {"group": group.split("/")[2] if group.startswith("/apis") else "", "version": "v1", "kind": kind}
        verbs = {
            verb: {"parameters": parameters, "x-kubernetes-group-version-kind": about} for verb in ("post", "patch")
        }
        paths[f"{group}/namespaces/{{namespace}}/{name}"] = {"post": verbs["post"]}
        paths[f"{group}/namespaces/{{namespace}}/{name}/{{name}}"] = {"patch": verbs["patch"]}
    return {"openapi": "3.0.0", "info": {"title": "k", "version": "v1"}, "paths": paths}


def status(code: int, reason: str, message: str) -> Any:
    return {
        "kind": "Status", "apiVersion": "v1", "status": "Success" if code == 200 else "Failure", "reason": reason,
        "message": message, "code": code,
    }  # fmt: skip


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster that kubectl knows as its own, with the namespace `labs`."""
    if shutil.which("kubectl") is None:
        pytest.skip("NO KUBECTL: what the lab asks of a cluster is tested against a stand-in for it alone")
    made = Cluster()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            code, told = made.answer(self.command, self.path, body)
            data = json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = do  # noqa: N815 - as the base calls them

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "labs"}}],
        "users": [{"name": "u", "user": {}}],
    }  # fmt: skip
    (tmp_path / "config").write_text(json.dumps(config), encoding="utf-8")
    for name in [one for one in os.environ if one.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    yield made
    server.shutdown()
    server.server_close()


def test_pods_come_with_secret_and_policy_and_all_of_it_goes_within_the_rights_that_the_documents_ask_for(
    cluster: Cluster, tmp_path: Path
) -> None:
    folder = tmp_path / "private"
    with submit.pods(POD, ["lab-1"], ticket_for, folder):
        assert set(cluster.objects) == {(kind, "lab-1") for kind in ("pods", "secrets", "networkpolicies")}
        order = [kind for kind, _ in cluster.made]
        assert order.index("networkpolicies") < order.index("pods")  # no pod is ever without its walls
        secret = cluster.objects["secrets", "lab-1"]
        assert ticket.read(base64.b64decode(secret["data"]["ticket"]), "it").name == "lab-1"
        assert cluster.objects["pods", "lab-1"]["spec"]["containers"][0]["image"] == POD.image
        assert list(folder.rglob("*.ticket")) == []
    assert cluster.objects == {}
    assert cluster.asked <= rights()


def rights() -> set[tuple[str, str]]:
    """The rights in the role that docs/fleet.md has, which are the same in both languages."""
    found = []
    for name in ("docs/fleet.md", "docs/zh/fleet.md"):
        blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
        (role,) = [one for block in blocks for one in yaml.safe_load_all(block) if one["kind"] == "Role"]
        found.append({(verb, kind) for rule in role["rules"] for verb in rule["verbs"] for kind in rule["resources"]})
    assert found[0] == found[1]
    return found[0]


def test_what_a_cluster_refuses_is_said_in_its_words_and_nothing_is_left(cluster: Cluster, tmp_path: Path) -> None:
    cluster.refuses = "pods"
    with (
        pytest.raises(InfraError, match=r"Kubernetes took no pod: .*pods is forbidden"),
        submit.pods(POD, ["lab-1"], ticket_for, tmp_path / "private"),
    ):
        raise AssertionError("nobody comes here")
    assert cluster.objects == {}
    assert list((tmp_path / "private").rglob("*.ticket")) == []
