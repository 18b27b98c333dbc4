"""From a user's words to the question of a check: the model, its inputs, the releases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.check import expected, releases, sample_inputs, stamp_file
from lab.check.adopt import Material
from lab.check.candidates import candidates
from lab.check.given_model import Given, look
from lab.check.question import ROUNDS, CheckRequest
from lab.check.sample_inputs import Arrays
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model.check import Stamp
from lab.model.cure import Cure
from lab.run.plan import Words
from lab.text import clean


@dataclass(frozen=True, kw_only=True)
class CheckWords:
    """What the user typed; without `stamped` the model's stamp is not looked at, without `unpickled` no pickle is run."""

    path: Path
    command: str
    prefix: str = ""
    old: str = ""
    new: str = ""
    inputs: str = ""
    expect: str = ""
    dims: Mapping[str, str] = field(default_factory=dict)
    anyway: bool | None = None
    stamped: bool = True
    unpickled: bool = True
    words: Words = field(default_factory=Words)
    rounds: int = ROUNDS
    fresh: bool = False
    resume: str = ""


def dims(words: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE words of --dim as a mapping; a feed's name may hold anything but an equals sign."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.rpartition("=")
        if not equals or not name or not value:
            raise UsageError(f"--dim {clean(word, 80)} is not NAME=VALUE", "for instance --dim batch=4")
        found[name] = value
    return found


def question(asked: CheckWords, catalogue: Catalogue, cures: tuple[Cure, ...]) -> CheckRequest:
    """Everything that is asked, read and held against the catalogue before anything runs; UsageError where it is wrong."""
    given = look(asked.path, prefix=asked.prefix, anyway=asked.anyway, stamped=asked.stamped, unpickled=asked.unpickled)
    chosen = releases.chosen(given, catalogue, old=asked.old, new=asked.new, python=asked.words.python)
    return CheckRequest(
        given=given, material=material(given, asked), chosen=chosen, catalogue=catalogue, cures=cures,
        command=asked.command, words=asked.words, rounds=asked.rounds, fresh=asked.fresh,
        resume=asked.resume,
    )  # fmt: skip


def alone(asked: CheckWords, catalogue: Catalogue, cures: tuple[Cure, ...]) -> CheckRequest:
    """The same question about nothing but the release that wrote the model."""
    whole = question(asked, catalogue, cures)
    return replace(whole, chosen=replace(whole.chosen, new=(whole.chosen.old,)), lines=False)


def material(given: Given, asked: CheckWords) -> Material:
    """The inputs: those given, those of the model's stamp, or made up."""
    if asked.expect and not asked.inputs:
        raise UsageError(
            "--expect says what is right for inputs of your own, and none were given", "give them too: --inputs x.npz"
        )
    _refuse_misnamed(given)
    if asked.inputs:
        arrays, notes = sample_inputs.given(Path(asked.inputs), given.program.inputs)
        if asked.expect:
            return _expecting(given, Path(asked.expect), Material(inputs=arrays, notes=_named(asked.inputs, notes)))
        if given.stamp is not None and _hashes(arrays) == {one.name: one.sha256 for one in given.stamp.inputs}:
            return _held(given.stamp, arrays)
        return Material(inputs=arrays, notes=_named(asked.inputs, notes))
    if given.stamp is not None and not asked.dims:
        return _stamped(given.stamp)
    feeds, notes = sample_inputs.feeds(given.program.inputs, asked.dims)
    return Material(inputs=sample_inputs.drawn(feeds), feeds=feeds, notes=notes, candidates=candidates(feeds)[1:])


def _refuse_misnamed(given: Given) -> None:
    """A stamp of these very files that calls its arrays otherwise than they do was not written by a lab."""
    if given.stamp is None or stamp_file.changed(given.stamp, given.whole):
        return
    wrong = stamp_file.misnamed(given.stamp, [one.name for one in given.program.inputs])
    if wrong:
        raise UsageError(f"the stamp {wrong}: it was changed since", "restore it, or stamp the model again")


def _named(inputs: str, notes: tuple[str, ...]) -> tuple[str, ...]:
    return (f"inputs are those of {clean(inputs, 200)}", *notes)


def _expecting(given: Given, path: Path, material: Material) -> Material:
    """The same material, held against outputs that the user says are right."""
    arrays, notes = expected.read(path, given.program.outputs)
    vouched = f"the expected outputs in {clean(path.name, 80)}"
    return replace(material, golden=arrays, vouched=vouched, notes=(*material.notes, *notes))


def _stamped(stamp: Stamp) -> Material:
    """Inputs and answers as the stamp keeps them; large inputs are drawn again from the stamp's seed, and proved equal."""
    inputs: Arrays | None = stamp_file.unpacked(stamp.inputs)
    if inputs is None:
        if not stamp.feeds:
            raise UsageError("the stamp keeps its inputs only as hashes", "give the same inputs again: --inputs x.npz")
        inputs = sample_inputs.drawn(stamp.feeds, stamp.seed)
        if _hashes(inputs) != {one.name: one.sha256 for one in stamp.inputs}:
            made = f"generator {stamp.generator}, and this lab has {sample_inputs.GENERATOR}"
            raise UsageError(
                f"the stamp's inputs cannot be made again from its seed (by {made})", "give them: --inputs x.npz"
            )
    return _held(stamp, inputs)


def _hashes(arrays: Arrays) -> dict[str, str]:
    return {one.name: one.sha256 for one in stamp_file.inputs(arrays, again=True)}


def _held(stamp: Stamp, inputs: Arrays) -> Material:
    """The stamp's own inputs, with what the model answered to them then."""
    notes = (f"inputs are those of its stamp, made {stamp.made[:10]} in {stamp.release}",)
    golden = stamp_file.unpacked(stamp.outputs)
    vouched = f"the stamp of {stamp.made[:10]}" if golden is not None else ""
    return Material(inputs=inputs, notes=notes, stamped=True, golden=golden, vouched=vouched)
