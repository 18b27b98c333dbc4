"""The sentences of an issue in English and Chinese, one pair each, so that no language can lack one."""

from dataclasses import dataclass

PAIRS: dict[str, tuple[str, str]] = {
    "describe": ("Describe the Bug", "bug描述"),
    "code": ("Sample code to reproduce the problem", "最小可复现代码"),
    "traceback": ("The error message, with the full traceback", "带有完整回溯的报错信息"),
    "others": ("Additional Supplementary Information", "其他补充信息"),
    "table": ("What works and what does not", "哪些组合正常，哪些不正常"),
    "environment": ("Environment", "环境"),
    "cure": ("Cure found", "找到的解决办法"),
    "reproduce": ("Reproduce with", "复现方法"),
    "log": ("log", "日志"),
    "saved by": ("saved by", "保存版本"),
    "loaded by": ("loaded by", "加载版本"),
    "with": ("with", "设置"),
    "result": ("result", "结果"),
    "numbers": ("numbers", "数值"),
    "fails": (
        "Saved by {saver}, loaded by {loader}{route}: {outcome}. {message}",
        "由 {saver} 保存，由 {loader} 加载{route}：{outcome}。{message}",
    ),
    "broke": (
        "A model that Paddle {saver} saved works there and breaks in Paddle {loader} when it is opened by {call}: {outcome}. {message}",
        "由 Paddle {saver} 保存的模型在该版本中正常，在 Paddle {loader} 中用 {call} 打开则出错：{outcome}。{message}",
    ),
    "breaks": (
        "A model that Paddle {saver} saved fails in Paddle {loader} when it is opened by {call}: {outcome}. {message}",
        "由 Paddle {saver} 保存的模型在 Paddle {loader} 中用 {call} 打开时失败：{outcome}。{message}",
    ),
    "known": (
        "This looks like {issue}: {said}",
        "这与 {issue} 相同：{said}",
    ),
    "ways": (
        "The same files were opened in each release by each way, in clean containers; {good} of {all} trials work (table below). A digest of the failure, the same for this problem on any machine: `{signature}`",
        "同样的文件在每个版本中用每种方式各打开一次，都在干净的容器中；{all} 次试验中 {good} 次正常（见下表）。该失败的特征码（同一问题在任何机器上都相同）：`{signature}`",
    ),
    "ways local": (
        "The same files were opened in each release by each way, in clean environments without containers; {good} of {all} trials work (table below). A digest of the failure, the same for this problem on any machine: `{signature}`",
        "同样的文件在每个版本中用每种方式各打开一次，都在干净的环境中（没有使用容器）；{all} 次试验中 {good} 次正常（见下表）。该失败的特征码（同一问题在任何机器上都相同）：`{signature}`",
    ),
    "release": ("Paddle", "Paddle"),
    "opened by": ("opened by", "加载方式"),
    "env save": ("saved with", "保存"),
    "env load": ("loaded with", "加载"),
    "env works": ("works with", "正常"),
    "env given": ("given", "给定"),
    "env host": ("host", "主机"),
    "counts local": (
        "Each pair of a saving and a loading release ran in a clean environment, without containers; {good} of {all} pairs work. Signature, the same for this problem on any machine: `{signature}`",
        "保存版本与加载版本的每个组合都在干净的环境中运行（没有使用容器）；{all} 个组合中 {good} 个正常。特征码（同一问题在任何机器上都相同）：`{signature}`",
    ),
    "counts": (
        "Each pair of a saving and a loading release ran in clean containers; {good} of {all} pairs work. Signature, the same for this problem on any machine: `{signature}`",
        "保存版本与加载版本的每个组合都在干净的容器中运行；{all} 个组合中 {good} 个正常。特征码（同一问题在任何机器上都相同）：`{signature}`",
    ),
    "cured call": (
        "With {flags} set before `import paddle` the same call works in Paddle {loader}; outputs: {numbers}.",
        "在 `import paddle` 之前设置 {flags} 后，同一调用在 Paddle {loader} 中正常；输出：{numbers}。",
    ),
    "other call": (
        "Without any flag, {call} opens the same files in Paddle {loader}; outputs: {numbers}.",
        "不设置任何 flag，{call} 可在 Paddle {loader} 中打开同样的文件；输出：{numbers}。",
    ),
    "no cure": (
        "None was found in this run: no pair that differs only by flags works.",
        "本次运行没有找到：没有仅改变 flag 就能正常的组合。",
    ),
    "no flags": ("no flags", "不设置 flag"),
    "cured loading": (
        "With {flags} set before `import paddle` on the loading side the same pair works; outputs: {numbers}.",
        "加载方在 `import paddle` 之前设置 {flags} 后，同一组合正常；输出：{numbers}。",
    ),
    "cured saving": (
        "With {flags} set before `import paddle` on the saving side the same pair works; outputs: {numbers}.",
        "保存方在 `import paddle` 之前设置 {flags} 后，同一组合正常；输出：{numbers}。",
    ),
    "given": (
        "The model was given as files: put them into `saved/model` as `net.*`, beside the code above as `repro.py`, and run that with Paddle {loader}:",
        "模型是以文件形式给出的：把它们以 `net.*` 为名放进 `saved/model`，旁边放上面的代码（`repro.py`），再用 Paddle {loader} 运行：",
    ),
    "without": (
        "Without anything else, the code above as `repro.py`: save with one Paddle, load with the other, each in an environment of its own.",
        "不需要其他工具：将上面的代码保存为 `repro.py`，用一个版本的 Paddle 保存，用另一个版本加载，两者各用独立的环境。",
    ),
    "functions": (
        "The code above has functions `save(prefix, inputs)` and `load(prefix)`: call the first with Paddle {saver}, the second with Paddle {loader}.",
        "上面的代码含有函数 `save(prefix, inputs)` 和 `load(prefix)`：用 Paddle {saver} 调用前者，用 Paddle {loader} 调用后者。",
    ),
    "lab": (
        "In clean containers, by the lab that this table was made with (paddle-repro-lab, which needs only Docker or Podman):",
        "在干净的容器中，用生成此表的实验室工具（paddle-repro-lab，只需要 Docker 或 Podman）：",
    ),
    "attached": (
        "{file} is attached; it needs only Docker or Podman:",
        "附件 {file} 只需要 Docker 或 Podman：",
    ),
    "proved": (
        (
            "Before it was attached it was unpacked and replayed {times}/{times} times in fresh, offline containers "
            "({engine}), with the same signature."
        ),
        "上传前已在全新的离线容器（{engine}）中解包并重放 {times}/{times} 次，特征码一致。",
    ),
}


@dataclass(frozen=True, kw_only=False)
class Speaker:
    """Says a phrase in "en", "zh" or "both"."""

    lang: str

    def one(self, name: str) -> str:
        """A short phrase on one line."""
        english, chinese = PAIRS[name]
        return {"en": english, "zh": chinese}.get(self.lang, f"{chinese} {english}")

    def either(self, english: str, chinese: str) -> list[str]:
        """What has been said in both languages, as one text a language that is asked for; one that is the same is said once."""
        return {"en": [english], "zh": [chinese]}.get(self.lang, list(dict.fromkeys((chinese, english))))

    def lines(self, name: str, **words: object) -> list[str]:
        """A sentence as one paragraph a language."""
        english, chinese = (text.format(**words) for text in PAIRS[name])
        if self.lang == "both":
            return [chinese, "", english]
        return [english if self.lang == "en" else chinese]
