"""What the guest saw of itself, read from its record as hostile data: what is not of the right type is left out."""

from collections.abc import Mapping

from lab.model import StepFacts

LONGEST = 200
LARGEST = 1e18


def facts_of(record: Mapping[str, object] | None) -> StepFacts:
    """Versions, device, flags, phase times (seconds) and peak memory (bytes) of one step; empty without a record."""
    if record is None:
        return StepFacts()
    facts = _mapping(record.get("facts"))
    return StepFacts(
        versions={name: text for name, value in _mapping(facts.get("versions")).items() if (text := _text(value))},
        device=_text(facts.get("device")),
        cpu=_text(facts.get("cpu")),
        isa=_texts(facts.get("isa")),
        flags_missing=_texts(facts.get("flags_missing")),
        phases={name: value for name, raw in _mapping(record.get("phases")).items() if (value := _number(raw)) >= 0},
        zlib=_text(facts.get("zlib")),
        peak_memory=max(0, int(_number(record.get("peak_memory")))),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return {str(name)[:LONGEST]: inner for name, inner in value.items()} if isinstance(value, dict) else {}


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return "".join(letter for letter in value[:LONGEST] if letter.isprintable())


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for one in value[:64] if (text := _text(one))) if isinstance(value, list) else ()


def _number(value: object) -> float:
    """The number, or -1 for what is none (negative numbers mean nothing here)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST:
        return -1.0
    return float(value)
