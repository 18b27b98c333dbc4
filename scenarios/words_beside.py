# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a net from a module beside the scenario, on words from a file beside it, meets the change of formats of 3.x"
# summary_zh = "网络来自场景旁的模块，词表来自场景旁的文件；同样遇到 3.x 的格式变化"
# issue = "PaddlePaddle/Paddle#71996"
# files = ["beside/word_net.py", "beside/words.txt"]
# timed = false
#
# [[tool.lab.expect]]
# saver = ["2.6.2", "newest"]
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = "newest"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "newest"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "newest"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""A net from a module beside the scenario, on words from a file beside it, meets the change of formats of 3.x.

What it is here for are the files: `files` in the header brings them into every container and every bundle, at the same
place beside this file, and their content counts for what is known from earlier runs.
"""

from pathlib import Path

import numpy as np
import paddle
from beside.word_net import WordNet

WORDS = (Path(__file__).parent / "beside" / "words.txt").read_text(encoding="utf-8").split()
SAID = (("the", "quick", "fox"), ("lazy", "dog", "jumps"))


def inputs(rng):
    return {"ids": np.array([[WORDS.index(word) for word in line] for line in SAID], "int64")}


def save(prefix, inputs):
    net = WordNet(len(WORDS))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, None], "int64", "ids")])
    return infer(net, inputs)


def load(prefix):
    return paddle.jit.load(prefix)


def infer(handle, inputs):
    return {"y": handle(paddle.to_tensor(inputs["ids"])).numpy()}
