"""The sentences of a sweep's page in English and Chinese, one pair each, so that no language can lack one."""

PAIRS: dict[str, tuple[str, str]] = {
    "title": ("The operator sweep", "算子扫描"),
    "what": (
        (
            "{nets} nets of one operator each, saved by {savers} and opened by {loaders}, by {routes}: {loads} times a net was "
            "opened, run once and compared with what the saver's own Python answered for the same inputs and weights."
        ),
        (
            "{nets} 个单算子网络，由 {savers} 保存，由 {loaders} 以 {routes} 打开：共打开并运行 {loads} 次，"
            "每次都与保存方的 Python 对同样输入和权重给出的结果比较。"
        ),
    ),
    "machine": (
        "Seen in {place} on {system}, {cpu}, {cores} cores, {engine}; {minutes} minutes; run `{run}`. Made by",
        "在{place}中观察得到，机器：{system}，{cpu}，{cores} 核，{engine}；用时 {minutes} 分钟；运行 `{run}`。命令：",
    ),
    "all formulas": (
        "Every net has a formula by numpy alone, which says what is right.",
        "每个网络都有只用 numpy 写成的公式，由它判定何为正确。",
    ),
    "formulas": (
        (
            "{number} nets have a formula by numpy alone, which says what is right. Of {names} what Python answers in the "
            "releases is the expected value."
        ),
        "{number} 个网络有只用 numpy 写成的公式，由它判定何为正确。{names} 的预期值取自各版本的 Python 结果。",
    ),
    "containers": ("containers", "容器"),
    "local": ("local environments, not isolated", "本地环境（未隔离）"),
    "flag": ("† with {flags} set before `import paddle`.", "† 表示在 `import paddle` 之前设置 {flags}。"),
    "legend": (
        (
            "A → B: saved by A, opened by B. Nets are lines of `scenarios/sweep/operators.toml`. What is not listed below was "
            "exact, or close (float32: 1e-5 + 1.3e-6 of the value)."
        ),
        (
            "A → B：由 A 保存，由 B 打开。网络即 `scenarios/sweep/operators.toml` 中的行。下文未列出的均为完全一致或十分接近"
            "（float32：1e-5 加数值的 1.3e-6）。"
        ),
    ),
    "silent": ("Silent: other numbers, and no error", "无声：数值不同，却没有报错"),
    "no silent": ("None was found.", "没有发现。"),
    "silent note": (
        (
            "Each was looked at a second time: saved and opened anew, alone in its process. Who is wrong is said by numpy where "
            "the table has the operator in numpy, else by what Python answers in the other releases."
        ),
        (
            "每一项都复查过一次：重新保存、重新打开，并独占一个进程。谁错了：表中有 numpy 写法的由 numpy 判定，"
            "否则由其他版本的 Python 结果判定。"
        ),
    ),
    "net": ("net", "网络"),
    "code": ("code", "代码"),
    "where": ("where", "位置"),
    "seen": ("what", "现象"),
    "wrong": ("who is wrong", "谁错了"),
    "second": ("second look", "复查"),
    "same": ("the same", "相同"),
    "other": ("**not the same**", "**不同**"),
    "blame opened numpy": ("what was opened (numpy)", "打开的结果（numpy）"),
    "blame saved numpy": ("the saver's Python (numpy)", "保存方的 Python（numpy）"),
    "blame unclear numpy": ("both (numpy)", "双方（numpy）"),
    "blame opened": ("what was opened (Python in {witness} releases)", "打开的结果（{witness} 个版本的 Python）"),
    "blame unclear": ("releases differ in Python too", "各版本的 Python 也不一致"),
    "blame release": ("no file: the operator changed, in Python too", "与文件无关：算子本身变了，Python 中也一样"),
    "blame release saver": (
        "no file: the operator changed, in Python too; numpy is with the saver",
        "与文件无关：算子本身变了，Python 中也一样；numpy 与保存方一致",
    ),
    "blame release loader": (
        "no file: the operator changed, in Python too; numpy is with the loader",
        "与文件无关：算子本身变了，Python 中也一样；numpy 与打开方一致",
    ),
    "blame": ("nobody can say", "无法判断"),
    "drift": ("Small differences", "细微差异"),
    "drift note": (
        "Outside close and within 0.1 % of the value (float32).",
        "超出“十分接近”，但在数值的 0.1 % 之内（float32）。",
    ),
    "formats": ("Which format is read at all", "哪种格式能读"),
    "formats note": (
        (
            "✓ read; † read only with the flag; ✗ refused: {probes} nets of different kinds fail alike in loading, so the rest "
            "was not tried. Rows saved, columns opened."
        ),
        (
            "✓ 能读；† 只有设置开关才能读；✗ 拒绝：{probes} 个不同种类的网络在加载时以同样方式失败，因此其余未再尝试。"
            "行为保存方，列为打开方。"
        ),
    ),
    "common": ("One error, many nets", "同一错误，许多网络"),
    "common note": (
        "Errors that meet {least} nets or more have one reason that is not the operator.",
        "一次影响 {least} 个以上网络的错误，其原因不在单个算子。",
    ),
    "nets": ("nets", "网络数"),
    "error": ("error", "错误"),
    "families": ("By family", "按类别"),
    "families note": (
        "Plain: exact or close wherever its format is read and no error of the section above stands in the way.",
        "正常：凡格式可读、且不受上一节错误影响之处，均完全一致或十分接近。",
    ),
    "family": ("family", "类别"),
    "plain": ("plain everywhere", "处处正常"),
    "silently": ("silent", "无声"),
    "drifts": ("drift", "细微差异"),
    "errors": ("error in opening", "打开时出错"),
    "unsaved": ("not saved by some", "某些版本不能保存"),
    "onednn": ("oneDNN on and off", "oneDNN 开与关"),
    "onednn note": (
        "Nets that do otherwise in the predictor when oneDNN, its default, is switched off.",
        "在预测器中关闭默认开启的 oneDNN 后表现不同的网络。",
    ),
    "with": ("with oneDNN", "开启 oneDNN"),
    "without": ("without", "关闭"),
    "fine": ("fine", "正常"),
    "eager": ("What Python itself answers", "Python 自身的结果"),
    "eager note": (
        "Without saving anything: nets whose answer in Python differs from {first}'s, or from numpy's.",
        "不涉及保存：Python 的结果与 {first} 或与 numpy 不同的网络。",
    ),
    "release": ("{saver} against {first}", "{saver} 对比 {first}"),
    "numpy": ("{saver} against numpy", "{saver} 对比 numpy"),
    "absent": ("What a release does not have", "某个版本没有的"),
    "absent note": (
        (
            "Neither a bug nor a broken file: the function, the kernel for this dtype, or the operator that a file asks for is "
            "not in these releases."
        ),
        "既不是缺陷，也不是文件损坏：这些版本中没有该函数、没有该数据类型的内核，或没有文件所需的算子。",
    ),
    "lacks": ("what is not there", "缺少什么"),
    "when saving": ("when saving", "保存时"),
    "when opening": ("when opening", "打开时"),
    "no function": ("the function in Python", "Python 中的函数"),
    "no kernel": ("a kernel for it on this device and dtype", "该设备与数据类型的内核"),
    "no dtype": ("the dtype, in saving", "保存时的数据类型"),
    "no operator": ("the operator that the file names", "文件所写的算子"),
    "unsaved title": ("What a release cannot run or save", "某个版本不能运行或不能保存的"),
    "in python": ("already in Python", "在 Python 中就已失败"),
    "in saving": ("in saving", "保存时"),
    "none": ("None.", "无。"),
    "how": ("How it is found, and how to see it again", "如何得到，如何重现"),
    "how note": (
        (
            "A saver's container runs every net as Python and saves it; a container of each loader opens all of them by every "
            "route. Nets share a process until one dies or hangs, which costs only itself. A net is a line of "
            "`scenarios/sweep/operators.toml`: to ask about an operator that is not there, add a line."
        ),
        (
            "保存方的容器以 Python 运行并保存每个网络；每个加载方的容器以各种方式打开全部网络。网络共用一个进程，"
            "直到某个网络崩溃或挂起，而这只影响它自己。一个网络就是 `scenarios/sweep/operators.toml` 中的一行："
            "想了解表中没有的算子，加一行即可。"
        ),
    ),
}


def say(lang: str, name: str, **words: object) -> str:
    """One phrase in "zh" or, for everything else, English."""
    english, chinese = PAIRS[name]
    return (chinese if lang == "zh" else english).format(**words)


def known(name: str) -> bool:
    """Whether there is such a phrase."""
    return name in PAIRS
