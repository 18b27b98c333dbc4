"""Save, load and what a scenario may hand back."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lab.compare import Outputs
from tests.guest.conftest import GUEST

SCENARIOS = Path(__file__).parents[2] / "scenarios"
JIT = SCENARIOS / "jit_load_pir.py"
SAVER = """
import numpy as np

def inputs(rng):
    return {"x": rng.rand(2, 3).astype("float32"), "odd/../name": np.array(1.5)}

def save(prefix, inputs):
    inputs["x"] += 1
    return {"y": inputs["x"]}
"""


def stored(folder, stem):
    about = json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))
    with np.load(folder / f"{stem}.npz", allow_pickle=False) as arrays:
        assert arrays.files == [f"a{i:04d}" for i in range(len(about["names"]))]
        values = [arrays[key] for key in arrays.files]
    assert [str(value.dtype) for value in values] == about["dtypes"]
    return dict(zip(about["names"], values, strict=True))


def test_saving_keeps_inputs_as_made_and_outputs_under_any_name(guest):
    said, out = guest.run(SAVER, mode="save", seed=7)
    assert (said["status"], said["phase"]) == ("ok", "done")
    inputs = stored(out, "inputs")
    expected = np.random.RandomState(7).rand(2, 3).astype("float32")
    assert np.array_equal(inputs["x"], expected)
    assert inputs["odd/../name"].shape == ()
    assert np.array_equal(stored(out, "outputs")["y"], expected + 1)
    assert (out / "model").is_dir()


def test_inputs_survive_a_crash_in_save(guest):
    said, out = guest.run(SAVER.replace('inputs["x"] += 1', "import os; os.abort()"), mode="save")
    assert (said["status"], said["phase"]) == ("signal", "save")
    assert "x" in stored(out, "inputs")


def test_loading_hands_over_the_saver_s_inputs(guest):
    _, saved = guest.run(SAVER, mode="save")
    said, out = guest.run(guest.body("return inputs", phase="infer"), inputs=saved / "inputs.npz")
    assert said["status"] == "ok"
    assert list(stored(out, "outputs")) == ["x", "odd/../name"]


def test_a_plain_npz_is_read_by_its_own_keys(guest):
    np.savez(guest.home / "mine.npz", image=np.ones(3))
    _, out = guest.run(guest.body("return inputs", phase="infer"), inputs=guest.home / "mine.npz")
    assert list(stored(out, "outputs")) == ["image"]


def test_pickled_inputs_are_refused(guest):
    np.savez(guest.home / "bad.npz", x=np.array([{}], dtype=object))
    said, _ = guest.run(guest.body("return inputs", phase="infer"), inputs=guest.home / "bad.npz")
    assert said["status"] == "contract"
    assert "cannot be read" in said["reason"]
    assert "allow_pickle" in said["reason"]


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("None", "NoneType"),
        ("{}", "an empty dict"),
        ("[np.ones(2)]", "list"),
        ("{'y': [1.0]}", "'y' as a list"),
        ("{'y': np.float32(1)}", "numpy.float32"),
        ("{'y': Path('x')}", "pathlib.PosixPath"),
        ("{'y': np.array([{}], dtype=object)}", "dtype object"),
        ("{'y': np.zeros(2, dtype='V2')}", "|V2"),
        ("{3: np.ones(2)}", "name 3"),
    ],
)
def test_outputs_that_are_not_plain_arrays_are_named(module, value, names):
    phases = module("phases")
    with pytest.raises(phases.Refused, match=re.escape(names)) as refused:
        phases.checked(np, eval(value), "infer")  # noqa: S307
    assert refused.value.status == "bad_output"
    assert str(refused.value).startswith("infer() returned")


def test_a_model_may_take_no_inputs(guest):
    saver = (
        "import numpy as np\ndef inputs(rng):\n    return {}\ndef save(prefix, inputs):\n    return {'y': np.ones(1)}\n"
    )
    said, saved = guest.run(saver, mode="save")
    assert said["status"] == "ok", said
    assert stored(saved, "inputs") == {}
    said, out = guest.run(
        guest.body("return {'y': np.ones(len(inputs) + 1)}", phase="infer"), inputs=saved / "inputs.npz"
    )
    assert said["status"] == "ok", said
    assert stored(out, "outputs")["y"].shape == (1,)
    with Outputs(saved / "inputs.npz") as read:
        assert dict(read.arrays) == {}


def test_a_bad_output_ends_the_child_in_infer(guest):
    said, out = guest.run(guest.body("return [np.ones(2)]", phase="infer"))
    assert (said["status"], said["phase"]) == ("bad_output", "infer")
    assert said["reason"] == "infer() returned a list, not a dict of numpy arrays"
    assert not (out / "outputs.npz").exists()


@pytest.mark.parametrize(
    "value",
    ["{'y': np.array([np.nan, np.inf])}", "{'y': np.zeros((0, 3))}", "{'y': np.array('text')}", "{'': np.array(True)}"],
)
def test_nan_and_empty_arrays_are_data(module, tmp_path, value):
    phases = module("phases")
    phases.keep(np, str(tmp_path), "outputs", phases.checked(np, eval(value), "infer"))  # noqa: S307
    for name, array in stored(tmp_path, "outputs").items():
        assert np.array_equal(array, eval(value)[name], equal_nan=array.dtype.kind == "f")  # noqa: S307


def test_bad_inputs_are_the_scenario_s_fault_and_say_so(guest):
    said, _ = guest.run(SAVER.replace("np.array(1.5)", "None"), mode="save")
    assert said["status"] == "bad_output"
    assert said["reason"].startswith("inputs() returned 'odd/../name' as a NoneType")


@pytest.mark.parametrize(
    ("source", "needed", "reason"),
    [
        ("x = 1", ("load", "infer"), "load() and infer()"),
        ("def load(prefix): pass", ("load", "infer"), "not define infer()"),
        ("save = None", ("save",), "not define save()"),
        ("def load(:", (), "not valid Python"),
        (None, (), "there is no scenario"),
    ],
)
def test_a_file_that_does_not_keep_the_contract_is_told_so(module, tmp_path, source, needed, reason):
    phases = module("phases")
    path = tmp_path / "scenario.py"
    if source is not None:
        path.write_text(source, encoding="utf-8")
    with pytest.raises(phases.Refused, match=re.escape(reason)) as refused:
        phases.need(phases.open_scenario(str(path)), *needed)
    assert refused.value.status == "contract"


def test_a_missing_function_ends_the_child_before_load(guest):
    said, _ = guest.run("def load(prefix): pass")
    assert (said["status"], said["phase"]) == ("contract", "import")
    assert said["reason"] == "the scenario does not define infer()"


def test_what_the_scenario_s_first_lines_raise_happened_in_import(guest):
    said, _ = guest.run("from paddle import no_such_thing")
    assert (said["status"], said["phase"], said["exception"]["type"]) == ("exception", "import", "ImportError")


SEES = """
    import sys
    before = {one: getattr(sys.modules[one], "__file__", None) for one in sorted(sys.modules)}
    import numpy as np

    def load(prefix):
        return before

    def infer(handle, inputs):
        return {"names": np.array(list(handle)), "files": np.array([str(one) for one in handle.values()])}
"""
PLAIN = {"_json", "signal", "faulthandler"}  # read the request, and tell of a crash


def test_nothing_is_imported_for_a_scenario_before_its_own_first_line(guest):
    _, out = guest.run(SEES)
    names, files = stored(out, "outputs")["names"].tolist(), stored(out, "outputs")["files"].tolist()
    bare = subprocess.run(
        [sys.executable, "-B", "-c", "import sys; print(*sys.modules)"],
        env=guest.environment(), capture_output=True, check=True, text=True,
    )  # fmt: skip
    more = {name: file for name, file in zip(names, files, strict=True) if name not in bare.stdout.split()}
    assert {"zlib", "numpy", "paddle", "ctypes", "_ctypes", "socket", "tempfile", "shutil"}.isdisjoint(more)
    assert {name for name, file in more.items() if file.endswith(".so")} <= PLAIN
    assert {name for name in more if (GUEST / f"{name}.py").exists()} == set()


def test_a_scenario_s_own_imports_come_in_its_own_order(guest, tmp_path):
    order = "import sys\nimport {}\nseen = {!r} in sys.modules\nimport {}"
    ends = "def load(prefix): return seen\ndef infer(handle, inputs): return {'seen': np.array(handle)}"
    for first, second in (("paddle", "zlib"), ("zlib", "paddle")):
        text = "\n".join([order.format(first, "paddle", second), "import numpy as np", ends])
        path = tmp_path / f"{first}.py"
        path.write_text(text, encoding="utf-8")
        _, out = guest.run(path)
        assert stored(out, "outputs")["seen"].item() == (first == "paddle")


def test_a_module_beside_a_scenario_is_found_and_what_is_not_named_is_not(guest, tmp_path):
    (tmp_path / "beside.py").write_text("WORD = 'found'\n", encoding="utf-8")
    path = tmp_path / "scenario.py"
    ends = "def load(prefix): return beside.WORD\ndef infer(handle, inputs): return {'word': np.array(handle)}"
    path.write_text(f"import beside\nimport numpy as np\n{ends}", encoding="utf-8")
    _, out = guest.run(path, files=["beside.py"])
    assert stored(out, "outputs")["word"].item() == "found"
    assert guest.run(path)[0]["exception"]["type"] == "ModuleNotFoundError"


def test_a_second_saver_finds_what_the_first_one_left_and_leaves_that_alone_where_it_lay(guest):
    source = """
        import os
        import numpy as np
        def inputs(rng): return {"x": np.ones(1)}
        def save(prefix, inputs):
            left = [open(prefix + end).read() for end in (".old", ".both") if os.path.exists(prefix + end)]
            for end in (".both", ".new" if left else ".old"):
                with open(prefix + end, "w") as file: file.write("second" if left else "first")
            return {"left": np.array(left or [""])}
    """
    _, first = guest.run(source, mode="save")
    (first / "model" / "deep").mkdir()
    (first / "model" / "deep" / "er").write_bytes(bytes(3 << 20))
    said, second = guest.run(source, mode="save", over=True, given=str(first))
    assert said["status"] == "ok"
    assert stored(second, "outputs")["left"].tolist() == ["first", "first"]
    names = ("net.old", "net.both", "net.new")
    assert [(second / "model" / one).read_text(encoding="utf-8") for one in names] == ["first", "second", "second"]
    assert (first / "model" / "net.both").read_text(encoding="utf-8") == "first"
    assert (second / "model" / "deep" / "er").stat().st_size == 3 << 20


HOARDS = """
    import numpy as np
    held = []
    def load(prefix):
        if {of!r} == "load": held.append(np.ones(1 << 18))
        return held
    def infer(handle, inputs):
        if {of!r} == "infer": held.append(np.ones(1 << 18))
        return {{"y": np.array(1.0)}}
"""


@pytest.mark.parametrize("of", ["load", "infer"])
@pytest.mark.parametrize("hoards", ["load", "infer"])
def test_memory_is_noted_after_each_load_with_its_call_or_after_each_call(guest, of, hoards):
    said, _ = guest.run(HOARDS.format(of=hoards), growth={"of": of, "calls": 20})
    growth = said["measure"]["growth"]
    gained = growth["rss"][-1] - growth["rss"][0]
    assert (said["status"], growth["of"], len(growth["rss"])) == ("ok", of, 20)
    assert (gained > 19 * (1 << 20)) == (of == "load" or hoards == "infer")


def test_growth_is_watched_no_further_than_the_memory_that_there_is(guest):
    said, _ = guest.run(HOARDS.format(of="load"), growth={"of": "load", "calls": 20, "memory_cap": 1})
    assert len(said["measure"]["growth"]["rss"]) == 1


def test_what_fails_while_it_is_done_again_failed_in_its_own_phase(guest):
    full = "    if len(held) > 5: raise ValueError('full')\n        return {"
    said, _ = guest.run(HOARDS.format(of="load").replace("    return {", full), growth={"of": "load", "calls": 20})
    assert (said["status"], said["phase"], said["exception"]["message"]) == ("exception", "load", "full")


def test_a_scenario_s_module_of_a_guest_s_name_is_its_own(guest):
    said, out = guest.run("""
        import sys, types
        import numpy as np
        routes = sys.modules["routes"] = types.ModuleType("routes")
        def load(prefix): return sys.modules["routes"]
        def infer(handle, inputs): return {"same": np.array(handle is routes)}
    """)
    assert said["status"] == "ok"
    assert stored(out, "outputs")["same"].item()


def test_a_scenario_cannot_import_the_guest_by_accident(guest):
    said, _ = guest.run("import turns")
    assert said["exception"]["type"] == "ModuleNotFoundError"


@pytest.fixture(scope="module")
def saved(shelf):
    """The folders that a 2.6.2 and a 3.0.0 left behind."""
    runs = {version: shelf.run(JIT, mode="save", env={"TOY_PADDLE_VERSION": version}) for version in ("2.6.2", "3.0.0")}
    assert [said["status"] for said, _ in runs.values()] == ["ok", "ok"]
    return {version: out for version, (_, out) in runs.items()}


def loaded(guest, out, version, route="own", **env):
    more = {"TOY_PADDLE_VERSION": version, **env}
    return guest.run(JIT, route=route, model=out / "model", inputs=out / "inputs.npz", env=more)


def test_the_reported_problem_and_its_cure_play_out(guest, saved):
    out = saved["2.6.2"]
    said, _ = loaded(guest, out, "3.0.0")
    assert (said["phase"], said["exception"]["type"]) == ("load", "ValueError")
    assert "to load model not exists" in said["exception"]["message"]
    said, again = loaded(guest, out, "3.0.0", FLAGS_enable_pir_api="False")
    assert said["status"] == "ok"
    assert np.array_equal(stored(again, "outputs")["logits"], stored(out, "outputs")["logits"])


@pytest.mark.parametrize("route", ["jit", "static", "predictor", "predictor_no_onednn"])
def test_a_standard_route_gives_the_saver_s_numbers_under_the_saver_s_names(guest, saved, route):
    said, again = loaded(guest, saved["3.0.0"], "3.0.0", route=route)
    assert said["status"] == "ok", said
    assert np.array_equal(stored(again, "outputs")["logits"], stored(saved["3.0.0"], "outputs")["logits"])


def test_the_guarded_route_opens_the_old_format_in_3_x_and_only_there(guest, saved):
    assert loaded(guest, saved["2.6.2"], "3.0.0", route="jit_old_ir")[0]["status"] == "ok"
    said, _ = loaded(guest, saved["3.0.0"], "3.0.0", route="jit_old_ir")
    assert said["exception"]["type"] == "ValueError"


def test_outputs_are_numbered_where_the_saver_had_another_number_of_them(module, tmp_path):
    (tmp_path / "outputs.json").write_text('{"names": ["a", "b"]}', encoding="utf-8")
    request = {"route": "jit", "inputs": str(tmp_path / "inputs.npz")}
    assert module("phases").as_saved(request, {"out0": 1}) == {"out0": 1}
    assert module("phases").as_saved(request, {"out0": 1, "out1": 2}) == {"a": 1, "b": 2}
    assert module("phases").as_saved({**request, "route": "own"}, {"x": 1, "y": 2}) == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("route", "places", "names"),
    [
        ("jit", [1, 2, 0], ["c", "a", "b"]),
        ("jit_old_ir", [1, 2, 0], ["c", "a", "b"]),
        ("static", [1, 2, 0], ["a", "b", "c"]),
        ("jit", [1, 0], ["a", "b", "c"]),
        ("jit", [1, 1, 0], ["a", "b", "c"]),
    ],
)
def test_what_jit_load_answers_is_put_in_the_programs_order(module, tmp_path, route, places, names):
    (tmp_path / "places.json").write_text(json.dumps(places), encoding="utf-8")
    request = {"inputs": str(tmp_path / "inputs.npz"), "route": route}
    given = {"out0": "a", "out1": "b", "out2": "c"}
    assert module("phases").as_saved(request, given) == {f"out{at}": name for at, name in enumerate(names)}


def test_the_predictor_opens_the_old_format_in_3_x(guest, saved):
    assert loaded(guest, saved["2.6.2"], "3.0.0", route="predictor")[0]["status"] == "ok"


def test_the_predictor_says_which_files_it_looked_for(module, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"neither .*net\.json nor .*net\.pdmodel is there"):
        module("routes").model_file(str(tmp_path / "net"))


def test_a_predictor_of_2_6_on_a_new_file_is_a_crash_in_load(guest, saved):
    said, _ = loaded(guest, saved["3.0.0"], "2.6.2", route="predictor")
    assert (said["status"], said["signal"], said["phase"]) == ("signal", "SIGSEGV", "load")


@pytest.mark.parametrize("route", ["own", "state_dict"])
def test_the_other_routes_are_the_scenario_s_own(module, route):
    assert module("routes").standard(route, paddle=None) is None


def test_inputs_go_in_by_name_or_else_by_position(module):
    routes = module("routes")
    assert routes.by_name(["b", "a"], {"a": 1, "b": 2}) == [("b", 2), ("a", 1)]
    assert routes.by_name(["x0", "x1"], {"a": 1, "b": 2}) == [("x0", 1), ("x1", 2)]
    with pytest.raises(ValueError, match="the model takes"):
        routes.by_name(["x0"], {"a": 1, "b": 2})


def test_nested_answers_are_flattened_in_order(module):
    assert module("routes").flat({"a": [1, (2, 3)], "b": 4}) == [1, 2, 3, 4]
