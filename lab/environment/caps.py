"""cpus.toml read into nouns: processors with fewer instructions, each as the variables that libraries obey."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from lab import documents
from lab.errors import UsageError
from lab.model import Cpu

FILE = "cpus.toml"
REMEDY = 'its first lines explain it; write [cap.NAME] with a summary, and [cap.NAME.env] with NAME = "text" lines'


def caps(images: Path) -> Mapping[str, Cpu]:
    """Every cap by name; none where there is no such file, UsageError where it is wrong."""
    path = images / FILE
    if not path.is_file():
        return {}
    try:
        tables = documents.toml(path.read_text(encoding="utf-8")).get("cap", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", REMEDY) from error
    if not isinstance(tables, dict):
        raise UsageError(f"{path}: `cap` is no table", REMEDY)
    return {name: _cap(path, name, one) for name, one in tables.items()}


def _cap(path: Path, name: str, table: object) -> Cpu:
    fields = table if isinstance(table, dict) else {}
    env = fields.get("env")
    known = set(fields) == {"summary", "env"} and isinstance(fields["summary"], str) and isinstance(env, dict)
    texts = isinstance(env, dict) and env and all(isinstance(one, str) and one.isprintable() for one in env.values())
    if not known or not texts or not all(re.fullmatch(r"[A-Z][A-Z0-9_]*", one) for one in env or {}):
        raise UsageError(f"{path}: [cap.{name}] is wrong", REMEDY)
    return Cpu(name=name, env=dict(env or {}))
