"""The functions by which a reduced script opens its model, and no others than it needs."""

from collections.abc import Sequence

_ANSWER = '''
def answer(route, prefix, inputs):
    """The outputs of the model, opened by one way."""
    found = {ways}[route](prefix, inputs)
    return {{"out{{}}".format(place): np.asarray(one) for place, one in enumerate(found)}}

'''
_WAYS = {
    "jit": """
def by_jit(prefix, inputs):
    layer = paddle.jit.load(prefix)
    layer.eval()
    found = layer(*[paddle.to_tensor(array) for array in inputs.values()])
    return [one.numpy() for one in (found if isinstance(found, (list, tuple)) else [found])]

""",
    "static": """
def by_static(prefix, inputs):
    paddle.enable_static()
    executor = paddle.static.Executor(paddle.CPUPlace())
    program, names, fetches = paddle.static.load_inference_model(prefix, executor)
    found = executor.run(program, feed={name: inputs[name] for name in names}, fetch_list=fetches)
    paddle.disable_static()
    return found

""",
    "predictor": """
def by_predictor(prefix, inputs, onednn=True):
    from paddle import inference

    weights = prefix + ".pdiparams"
    config = inference.Config(prefix + ENDING, weights if os.path.exists(weights) else "")
    config.disable_gpu()
    if not onednn:
        (getattr(config, "disable_mkldnn", None) or config.disable_onednn)()
    predictor = inference.create_predictor(config)
    for name in predictor.get_input_names():
        handle = predictor.get_input_handle(name)
        handle.reshape(list(inputs[name].shape))
        handle.copy_from_cpu(inputs[name])
    predictor.run()
    return [predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()]

""",
    "jit_old_ir": """
def by_jit_old_ir(prefix, inputs):
    with paddle.pir_utils.DygraphOldIrGuard():
        return by_jit(prefix, inputs)

""",
    "predictor_no_onednn": """
def by_predictor_no_onednn(prefix, inputs):
    return by_predictor(prefix, inputs, onednn=False)

""",
}
"""How a model is opened, in the order in which one needs the other."""
_NEEDS = {"jit_old_ir": "jit", "predictor_no_onednn": "predictor"}


def text(routes: Sequence[str]) -> str:
    """The functions that open the model in these ways, and the one that chooses between them."""
    needed = {*routes, *(_NEEDS[one] for one in routes if one in _NEEDS)}
    names = "{" + ", ".join(f'"{one}": by_{one}' for one in dict.fromkeys(routes)) + "}"
    return "\n".join([*(code for name, code in _WAYS.items() if name in needed), _ANSWER.format(ways=names)])
