import sys
import types

import pytest


class Config:
    asked: list = []  # noqa: RUF012 - one list for all, emptied by the test

    def __init__(self, *files):
        self.asked.append(files)

    def __getattr__(self, name):
        return lambda *args: None


@pytest.fixture
def load(module, monkeypatch):
    inference = types.SimpleNamespace(Config=Config, create_predictor=lambda config: config)
    paddle = types.SimpleNamespace(inference=inference, get_device=lambda: "cpu")
    monkeypatch.setitem(sys.modules, "paddle", paddle)
    Config.asked.clear()
    opened, _ = module("routes").standard("predictor", paddle)
    return opened


def test_a_model_without_parameters_is_opened_without_a_parameter_file(load, tmp_path):
    prefix = str(tmp_path / "net")
    (tmp_path / "net.json").write_text("{}")
    load(prefix)
    assert Config.asked == [(prefix + ".json", "")]


def test_a_model_with_parameters_is_opened_with_their_file(load, tmp_path):
    prefix = str(tmp_path / "net")
    (tmp_path / "net.pdmodel").write_text("")
    (tmp_path / "net.pdiparams").write_text("")
    load(prefix)
    assert Config.asked == [(prefix + ".pdmodel", prefix + ".pdiparams")]
