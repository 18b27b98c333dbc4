"""A model that was given as files, as code that anybody runs: what the lab did by one route in one release, without the lab."""

import ast
from collections.abc import Mapping

import msgspec

from lab import documents
from lab.model import Phase, TrialResult

ROOT = "saved"
"""Where the files lie in a bundle; the code runs in the folder that holds it."""

_HEAD = """{imports}import numpy as np
import paddle

path = "{root}/model/net"  # {files}, with Paddle of {loader}
"""
_STORED = """with open("{root}/inputs.json", encoding="utf-8") as file:
    names = json.load(file)["names"]
with np.load("{root}/inputs.npz") as stored:
    inputs = {{name: stored["a%04d" % number] for number, name in enumerate(names)}}
"""
_CALLED = """with paddle.no_grad():
    answer = layer(*[paddle.to_tensor(array) for array in inputs.values()])
answers = [one.numpy() for one in (answer if isinstance(answer, (list, tuple)) else [answer])]
"""
_JIT = """layer = paddle.jit.load(path)
layer.eval()
"""
_GUARDED = """with paddle.pir_utils.DygraphOldIrGuard():
    layer = paddle.jit.load(path)
layer.eval()
"""
_STATIC = """paddle.enable_static()
executor = paddle.static.Executor(paddle.CPUPlace())
program, feeds, fetches = paddle.static.load_inference_model(path, executor)
answers = executor.run(program, feed=inputs, fetch_list=fetches)
"""
_PREDICTOR = """from paddle import inference

config = inference.Config(path + "{ending}", {parameters})
config.disable_gpu()
{more}predictor = inference.create_predictor(config)
for name in predictor.get_input_names():
    tensor = predictor.get_input_handle(name)
    tensor.reshape(list(inputs[name].shape))
    tensor.copy_from_cpu(inputs[name])
predictor.run()
answers = [predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()]
"""
_SHOWN = """for number, one in enumerate(answers):
    print("out%d" % number, one.dtype, one.shape, np.ravel(one)[:5])
"""
_HELD = """with np.load("{root}/outputs.npz") as stored:  # what {reference} answered
    for number, one in enumerate(answers):
        print("out%d differs by at most" % number, np.abs(one - stored["a%04d" % number]).max())
"""


def text(trial: TrialResult, scenario: str, files: tuple[str, ...], settled: Mapping[str, object]) -> str:
    """The whole code of one trial: its flags, the inputs as they were, the route, and what comes out.

    `scenario` is the text of the adopted model's scenario, `files` the names of the model's files, and `settled` what the
    save keeps of its reference: whose it is, and which kind of inputs was taken.
    """
    ending = ".json" if "net.json" in files else ".pdmodel"
    flags = "".join(f'\nos.environ["{name}"] = {value!r}' for name, value in sorted(trial.loader_env.items()))
    parts = [_inputs(scenario, _draw(settled))]
    parts.append(_route(trial.route, ending, has_parameters="net.pdiparams" in files))
    held = trial.outcome.phase is Phase.COMPARE and trial.outcome.reason in ("", "values")
    parts.append(_HELD.format(root=ROOT, reference=settled.get("reference", "the reference")) if held else _SHOWN)
    rest = "\n".join(parts)
    named, loader = ", ".join(sorted(files)), trial.loader.split("-")[0]
    head = _HEAD.format(imports=_imports(rest, flags), root=ROOT, files=named, loader=loader)
    return f"{head}\n{rest}"


def _imports(code: str, flags: str) -> str:
    """What the code needs beside numpy and Paddle, and its flags, which stand before these are imported."""
    needed = [one for one, used in (("json", "json.load(" in code), ("os", bool(flags))) if used]
    lines = [f"import {one}\n" for one in needed]
    if "np.load(" in code:
        lines.append("import zlib  # before paddle: 2.6 breaks it for whoever imports it later\n")
    return "".join(lines) + (f"{flags}\n\n" if flags else "\n" if lines else "")


def _draw(settled: Mapping[str, object]) -> str:
    """The name of the scenario's function that draws the inputs which were taken."""
    excited = settled.get("excited")
    draw = excited.get("draw", "") if isinstance(excited, dict) else ""
    return f"inputs_{draw}"


def _inputs(scenario: str, wanted: str) -> str:
    """The inputs as the scenario draws them, or read from the files beside it where they were given as arrays."""
    functions = {one.name: one for one in ast.parse(scenario).body if isinstance(one, ast.FunctionDef)}
    last = functions.get(wanted, functions["inputs"]).body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        return _STORED.format(root=ROOT)
    return f"rng = np.random.RandomState(0)\ninputs = {ast.unparse(last.value)}\n"


def _route(route: str, ending: str, *, has_parameters: bool) -> str:
    if route == "static":
        return _STATIC
    if route.startswith("predictor"):
        more = "config.disable_mkldnn()\n" if route == "predictor_no_onednn" else ""
        parameters = 'path + ".pdiparams"' if has_parameters else '""'
        return _PREDICTOR.format(ending=ending, parameters=parameters, more=more)
    return (_GUARDED if route == "jit_old_ir" else _JIT) + _CALLED


def settled(data: bytes) -> Mapping[str, object]:
    """What a save keeps of its reference; nothing where it cannot be read."""
    try:
        return documents.json(data, dict[str, object])
    except msgspec.DecodeError:
        return {}
