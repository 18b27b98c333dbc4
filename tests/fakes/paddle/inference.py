import os
import signal

from paddle import _files, version


class Config:
    def __init__(self, program, params):
        self.program, self.params = program, params
        self.calls = []

    def __getattr__(self, name):
        if not name.startswith(("disable_", "set_")):
            raise AttributeError(name)
        return lambda *args: self.calls.append((name, args))


class Handle:
    def __init__(self):
        self.array = None

    def reshape(self, shape):
        self.shape = shape

    def copy_from_cpu(self, array):
        self.array = array

    def copy_to_cpu(self):
        return self.array


class Predictor:
    def __init__(self, config):
        self._net, self._names = _files.read(config.program, config.params)
        self._onednn = not any(name.startswith("disable_mkldnn") for name, _ in config.calls)
        self._in, self._out = {name: Handle() for name in self._names}, Handle()

    def get_input_names(self):
        return self._names

    def get_output_names(self):
        return ["fetch"]

    def get_input_handle(self, name):
        return self._in[name]

    def get_output_handle(self, name):
        return self._out

    def run(self):
        self._out.array = self._net.run(*[one.array for one in self._in.values()])
        if self._onednn:
            if os.environ.get("TOY_PADDLE_ONEDNN_RAISES"):
                raise NotImplementedError("(Unimplemented) oneDNN cannot do this")
            self._out.array.flat[0] += float(os.environ.get("TOY_PADDLE_ONEDNN_SKEW", "0"))


def create_predictor(config):
    if version.full_version.startswith("2") and config.program.endswith(".json"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if config.program.endswith(".json") and version.full_version == os.environ.get("TOY_PADDLE_NO_JSON_PREDICTOR"):
        raise NotImplementedError("(Unimplemented) ConvertPirAttribute2RuntimeAttribute not support")
    return Predictor(config)
