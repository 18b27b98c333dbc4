"""One step by hand, inside a container: `drive.py save|load DIR` with the scenario's own functions and no lab."""

import importlib.util
import sys

import numpy as np

spec = importlib.util.spec_from_file_location("scenario", "/s/scenario.py")
scenario = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scenario)
mode, folder = sys.argv[1:]
if mode == "save":
    inputs = scenario.inputs(np.random.RandomState(0))
    outputs = scenario.save(folder + "/net", inputs)
    np.savez(folder + "/inputs.npz", **inputs)
    np.savez(folder + "/outputs.npz", **outputs)
else:
    inputs = dict(np.load(folder + "/inputs.npz"))
    expected = np.load(folder + "/outputs.npz")
    outputs = scenario.infer(scenario.load(folder + "/net"), inputs)
    print(all(np.allclose(outputs[name], expected[name]) for name in expected.files))
