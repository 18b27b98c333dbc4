"""The standard ways of opening a saved model; each is load(prefix) -> handle and infer(handle, inputs) -> {"out0": ...}.

Inputs go in by name where the way knows names and all of them fit, else in the order of the dict.
"""

import json
import os

STANDARD = ("jit", "jit_old_ir", "static", "predictor", "predictor_no_onednn")


def standard(route, paddle):
    """(load, infer) of a standard route, or None for the scenario's own ("own", "state_dict")."""
    if route not in STANDARD:
        return None
    kind = {"jit": Jit, "jit_old_ir": JitOldIr, "static": Static}.get(route, Predictor)
    way = kind(paddle, route)
    return way.load, way.infer


def named(arrays):
    """Outputs in order as out0, out1, ..."""
    return {"out{}".format(i): array for i, array in enumerate(arrays)}


def in_order(route, path, outputs):
    """The outputs of jit.load in the program's order: of some .pdmodel it gives them in another one, which the lab wrote there."""
    if route not in ("jit", "jit_old_ir") or not os.path.exists(path):
        return outputs
    with open(path, encoding="utf-8") as file:
        places = json.load(file)
    if sorted(places) != list(range(len(outputs))):
        return outputs
    return named([list(outputs.values())[places.index(place)] for place in range(len(outputs))])


def flat(value):
    """The tensors of a nested answer, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in flat(part)]
    return [value]


def by_name(names, inputs):
    """[(name, array)] for the model's own input names; by position where the scenario uses other names."""
    if set(names) == set(inputs):
        return [(name, inputs[name]) for name in names]
    if len(names) != len(inputs):
        raise ValueError("the model takes {}, the scenario gives {}".format(list(names), list(inputs)))
    return list(zip(names, inputs.values()))  # noqa: B905 - not before 3.10


class Jit:
    """paddle.jit.load, called like a layer."""

    def __init__(self, paddle, _route):
        self._paddle = paddle

    def load(self, prefix):
        """The layer, in evaluation mode."""
        layer = self._paddle.jit.load(prefix)
        layer.eval()
        return layer

    def infer(self, layer, inputs):
        """One call without gradients."""
        with self._paddle.no_grad():
            answer = layer(*[self._paddle.to_tensor(array) for array in inputs.values()])
        return named([tensor.numpy() for tensor in flat(answer)])


class JitOldIr(Jit):
    """paddle.jit.load with the old IR switched on for the load alone; the layer works outside of it too."""

    def load(self, prefix):
        """The layer of a .pdmodel in a release whose default is the new IR."""
        with self._paddle.pir_utils.DygraphOldIrGuard():
            return super().load(prefix)


class Static:
    """paddle.static.load_inference_model, run by an Executor."""

    def __init__(self, paddle, _route):
        self._paddle = paddle

    def load(self, prefix):
        """(executor, program, feed names, fetch targets) on the GPU where there is one."""
        paddle = self._paddle
        paddle.enable_static()
        place = paddle.CUDAPlace(0) if on_gpu(paddle) else paddle.CPUPlace()
        executor = paddle.static.Executor(place)
        program, feeds, fetches = paddle.static.load_inference_model(prefix, executor)
        return executor, program, feeds, fetches

    def infer(self, handle, inputs):
        """One run of the program."""
        executor, program, feeds, fetches = handle
        return named(executor.run(program, feed=dict(by_name(feeds, inputs)), fetch_list=fetches))


class Predictor:
    """paddle.inference, with its own default for oneDNN or with oneDNN switched off."""

    def __init__(self, paddle, route):
        self._paddle = paddle
        self._onednn = route != "predictor_no_onednn"

    def load(self, prefix):
        """A predictor on the format that lies there; threads as OMP_NUM_THREADS says."""
        from paddle import inference  # noqa: PLC0415 - not part of every Paddle import

        parameters = prefix + ".pdiparams"
        config = inference.Config(model_file(prefix), parameters if os.path.exists(parameters) else "")
        config.disable_glog_info()
        if on_gpu(self._paddle):
            config.enable_use_gpu(100, 0)
        else:
            config.disable_gpu()
            config.set_cpu_math_library_num_threads(int(os.environ.get("OMP_NUM_THREADS") or 1))
        if not self._onednn:
            off = getattr(config, "disable_mkldnn", None) or config.disable_onednn
            off()
        return inference.create_predictor(config)

    def infer(self, predictor, inputs):
        """One run; every output is copied to the host."""
        for name, array in by_name(predictor.get_input_names(), inputs):
            tensor = predictor.get_input_handle(name)
            tensor.reshape(list(array.shape))
            tensor.copy_from_cpu(array)
        predictor.run()
        return named([predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()])


def model_file(prefix):
    """The program beside the parameters: .json (3.x) or .pdmodel (2.x and 3.x with the old format)."""
    for ending in (".json", ".pdmodel"):
        if os.path.exists(prefix + ending):
            return prefix + ending
    raise FileNotFoundError("neither {0}.json nor {0}.pdmodel is there".format(prefix))


def on_gpu(paddle):
    """Whether this process really runs on a GPU; a GPU wheel without one falls back to the CPU."""
    return str(paddle.get_device()).startswith("gpu")
