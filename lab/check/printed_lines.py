"""Lines that are printed to be pasted: fitted to the files at hand, and as a scenario that runs them as they stand."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.check import adopt
from lab.model import Scenario
from lab.outcome import pasted

APIS = ("jit", "predictor", "static")
"""What lines may open a model by; each leaves its own names behind: `layer`, `predictor`, or the executor and its program."""

_PLACE = pasted.named("net")
# The one statement of printed lines that is another one for each reader: where the model lies.

_TEXT = '''# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "lines that were to be shown, run as they stand"
#
# [tool.lab.limits]
# memory = {memory}
# ///
"""The lines below open a model that lies beside them{about}; then it is called once."""

LINES = {lines}
NAMES = {names}


def inputs(rng):
    raise NotImplementedError("the inputs lie beside the model")


def save(prefix, inputs):
    raise NotImplementedError("the model is there already")


def load(prefix):
    names = {{"here": prefix}}
    exec(compile(LINES.replace({place}, "path = here", 1), "the printed lines", "exec"), names)
    return names


def infer(names, inputs):
    answers = list(by_{api}(names, inputs))
    told = NAMES if len(NAMES) == len(answers) else ["out{{}}".format(number) for number in range(len(answers))]
    return dict(zip(told, answers))


def flat(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in flat(part)]
    return [value]


def by_name(names, inputs):
    names = list(names)
    return dict(inputs) if set(names) == set(inputs) else dict(zip(names, inputs.values()))


def by_jit(names, inputs):
    import paddle

    layer = names["layer"]
    layer.eval()
    with paddle.no_grad():
        return [one.numpy() for one in flat(layer(*[paddle.to_tensor(one) for one in inputs.values()]))]


def by_static(names, inputs):
    feed = by_name(names["feeds"], inputs)
    return names["executor"].run(names["program"], feed=feed, fetch_list=names["fetches"])


def by_predictor(names, inputs):
    predictor = names["predictor"]
    for name, array in by_name(predictor.get_input_names(), inputs).items():
        handle = predictor.get_input_handle(name)
        handle.reshape(list(array.shape))
        handle.copy_from_cpu(array)
    predictor.run()
    return [predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()]
'''


def fitted(code: str, program: str, *, parameters: bool) -> str:
    """Lines with the names of the files at hand; empty where there are none.

    `program` is the ending of the program's file, and `parameters` says whether a .pdiparams lies beside it.
    """
    found = code.strip("\n").replace('path + ".pdmodel"', f'path + "{program}"')
    if not parameters:
        found = found.replace('path + ".pdiparams"', '""')
    return found


def ready(code: str, env: Mapping[str, str] = {}) -> str:
    """The piece as it is printed, but for the place of the model, which no container has."""
    return pasted.piece(code, env=env, path=_PLACE)


def api(route: str) -> str:
    """What the lines for a route open a model by."""
    return next(one for one in APIS if route.startswith(one))


def written(
    folder: Path, lines: str, route: str, *, names: Sequence[str], memory: int, files: Sequence[str] = ()
) -> Scenario:
    """A scenario in `folder` that runs such lines once; its answers have `names`, in order, where there are as many.

    `lines` have their statement of the path from `ready`, and the model is opened where it lies instead. `files` are digests of the model: the same lines on another model are another question. `memory` is in bytes.
    """
    text = _TEXT.format(
        memory=memory,
        about=f" ({', '.join(files)})" if files else "",
        lines=json.dumps(lines, ensure_ascii=True),
        names=json.dumps(list(names)),
        place=json.dumps(_PLACE),
        api=api(route),
    )
    return adopt.written(folder, "lines", text)
