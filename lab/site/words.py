"""Every sentence of the site in English and Chinese, one pair each, so that no language can lack one."""

from collections.abc import Mapping
from functools import cache

from markupsafe import Markup, escape

PAIRS: dict[str, tuple[str, str]] = {
    # page and controls
    "title": ("Paddle releases, side by side", "飞桨各版本对照"),
    "lead": (
        "What still works, whether the numbers are the same, and whether it is as fast: measured by the lab, in clean environments.",
        "哪些还能用、数值是否相同、速度是否一样：由本实验室在干净的环境中测得。",
    ),
    "skip": ("Skip to the content", "跳到正文"),
    "home": ("Overview", "总览"),
    "language": ("Language", "语言"),
    "theme": ("Colours", "配色"),
    "theme auto": ("as the system", "跟随系统"),
    "theme light": ("light", "浅色"),
    "theme dark": ("dark", "深色"),
    "newest": ("Newest data", "最新数据"),
    "scenarios": ("scenarios", "个场景"),
    "releases": ("environments", "个环境"),
    "machines": ("machines", "台机器"),
    "pairs work": ("pairs of saver and loader work", "个保存/加载组合能用"),
    "changes slower": ("confirmed to be worse", "项已确认变差"),
    "changes faster": ("confirmed to be better", "项已确认变好"),
    "left out": ("Not in this report", "本报告未包含"),
    # filters
    "filter": ("Filter", "筛选"),
    "scenario": ("Scenario", "场景"),
    "release": ("Environment", "环境"),
    "verdict": ("Verdict", "结论"),
    "machine": ("Machine", "机器"),
    "own": ("own code", "自带代码"),
    "route": ("Opened by", "加载方式"),
    "metric": ("Metric", "指标"),
    "text": ("Text", "文字"),
    "text hint": ("any word", "任意文字"),
    "all": ("all", "全部"),
    "clear": ("Clear", "清除"),
    "shown": ("shown", "已显示"),
    "of": ("of", "/"),
    "nothing fits": ("Nothing fits this filter.", "没有符合筛选条件的内容。"),
    # overview
    "overview": ("Overview", "总览"),
    "overview says": (
        "A row is one question about one scenario, a column is one environment. Follow a scenario to its curves, failures and cures.",
        "每一行是关于一个场景的一个问题，每一列是一个环境。点击场景可查看曲线、失败与解决办法。",
    ),
    "works": ("works", "能用"),
    "numbers": ("numbers", "数值"),
    "infer": ("infer", "推理"),
    "load": ("load", "加载"),
    "first": ("first call", "首次推理"),
    "import": ("import", "导入"),
    "memory": ("peak memory", "峰值内存"),
    "works how": (
        "works: how many of the savers' models this environment opens and runs. numbers: the worst difference from the saver's own outputs.",
        "能用：该环境能打开并运行多少个版本保存的模型。数值：与保存方输出相比的最大差异。",
    ),
    "speed how": (
        "infer (a later call of the loaded model), load: time beside the anchor, measured in the same session; ×2 takes twice as long.",
        "推理（加载后再次调用模型）、加载：与同一会话中测得的基准版本的时间之比；×2 表示耗时为两倍。",
    ),
    "legend": ("Key", "图例"),
    "ok": ("all work", "全部能用"),
    "some": ("some fail", "部分失败"),
    "fails": ("none works", "全部失败"),
    "exact": ("the same numbers", "数值相同"),
    "close": ("within tolerance", "在容差之内"),
    "drift": ("small drift", "略有漂移"),
    "mismatch": ("other numbers", "数值不同"),
    "FASTER": ("faster", "变快"),
    "SLOWER": ("slower", "变慢"),
    "SAME": ("same", "相同"),
    "UNDECIDED": ("undecided", "未定"),
    "UNSTABLE": ("unstable", "不稳定"),
    "LESS": ("less", "减少"),
    "MORE": ("more", "增加"),
    "anchor": ("anchor", "基准版本"),
    # changes
    "changes": ("Confirmed changes", "已确认的变化"),
    "changes says": (
        "By the release they came with, the newest first; in each the worst first. Seen by two separate sessions, larger than what counts, and held to one rate of false alarms.",
        "按出现变化的版本分组，最新的版本在前；每组中最差的在前。每项变化都由两个独立会话观察到，达到可计的最小变化，并控制了总体误报率。",
    ),
    "no changes": ("No change is confirmed.", "没有已确认的变化。"),
    "more changes": (
        "The first {n} of {all} are shown; the CSV file has all.",
        "仅显示前 {n} 项（共 {all} 项）；CSV 文件中有全部。",
    ),
    "worse": ("worse", "项变差"),
    "better": ("better", "项变好"),
    "side": ("Side", "被测方"),
    "against": ("Against", "对照"),
    "ratio": ("Ratio", "比值"),
    "interval": ("99 % interval", "99 % 区间"),
    "counts from": ("Counts from", "可计的最小变化"),
    "anchor value": ("Anchor", "基准版本的值"),
    "value": ("This side", "被测方的值"),
    "blocks": ("Blocks", "批次"),
    "pairs spread": ("Pairs: 5 %, half, 95 %", "配对：5 %、中位、95 %"),
    "locations": ("Which operator goes wrong", "哪个算子出错"),
    "locations lead": (
        "Each page has the operator, how the difference grows, and every operator of the model, as lab locate found them.",
        "每页列出该算子、差别怎样增长，以及模型的每个算子：lab locate。",
    ),
    "hosts": ("Hosts of a fleet", "机群中的主机"),
    "hosts lead": (
        "Which host tried what, when, and what it is. A trial that was taken from an earlier run is told where it was run.",
        "哪台主机在何时试了什么，以及它是什么样的机器。取自先前运行的试验列在它实际运行的地方。",
    ),
    "trials": ("trials", "次试验"),
    "trial": ("Trial", "试验"),
    "outcome": ("Outcome", "结局"),
    "run": ("Run", "运行"),
    "date": ("Date", "日期"),
    # empty
    "empty": ("Nothing has been measured yet", "还没有任何测量"),
    "empty says": (
        "A report is made from results/history and results/runs, and both are empty. These commands fill them:",
        "报告来自 results/history 和 results/runs，而两者都是空的。用以下命令产生数据：",
    ),
    "no speed": (
        "No time of this scenario is in the history yet. To measure it:",
        "历史中还没有该场景的计时。测量方法：",
    ),
    "no speed given": ("No time of this model is in the history.", "历史中没有该模型的计时。"),
    "no compat": (
        "Nobody has tried yet who reads what whom wrote here. To try it:",
        "还没有测试过谁能读取谁保存的模型。测试方法：",
    ),
    "not tried": ("Nobody has tried yet who reads what whom wrote here.", "还没有测试过谁能读取谁保存的模型。"),
    # the page of a sweep
    "operators": ("Operators", "算子"),
    "operators lead": (
        "One net for each operator: what breaks, and what silently gives other numbers, between which releases.",
        "每个算子一个网络：在哪些版本之间会失败，或在不报错的情况下给出不同的数值。",
    ),
    "operators how": (
        "Each row is one thing that was seen, with all operators and places where it was; the worst kind comes first. A → B: saved by A, opened by B.",
        "每一行是观察到的一种现象，以及出现它的全部算子和位置；最严重的一类在前。A → B：由 A 保存，由 B 打开。",
    ),
    "other sweeps": ("Other sweeps", "其他扫描"),
    "operator": ("Operator", "算子"),
    "operator hint": ("part of a name", "名称的一部分"),
    "family": ("Family", "类别"),
    "any release": ("Release", "版本"),
    "seen": ("What was seen", "现象"),
    "where": ("Where", "位置"),
    "wrong": ("Who is wrong", "谁错了"),
    "silent": ("other numbers, no error", "数值不同，没有报错"),
    "crash": ("crash or hang", "崩溃或挂起"),
    "error": ("error in opening", "打开时报错"),
    "unsaved": ("cannot be saved", "不能保存"),
    "absent": ("not in that release", "该版本中没有"),
    "fine": ("nothing of its own", "自身没有问题"),
    "flagged": ("set before import paddle.", "在 import paddle 之前设置。"),
    "and more": ("and {n} more", "等另外 {n} 个"),
    "nets": ("operators", "个算子"),
    "sites": ("Pages of this report", "本报告的页面"),
    # scenario page
    "speed": ("Speed", "速度"),
    "trend": ("Ratio to {anchor} (the anchor), by release", "各版本与 {anchor}（基准版本）之比"),
    "trend says": (
        (
            "Each mark is the ratio to the anchor measured in the same session, with its 99 % interval; up is slower (or more). "
            "The shaded band is what the anchor against itself lets count as no change: at least 5 %, and twice its own half-width where that is more."
        ),
        (
            "每个标记是与同一会话中基准版本之比及其 99 % 区间；越高越慢（或越多）。"
            "阴影带由基准版本与自身的对照（A/A）决定，带内不算变化：不小于 5 %，或为其自身半宽的两倍。"
        ),
    ),
    "plain": ("nothing set", "不设置 flag"),
    "spread": ("Every measured pair", "每一个测量配对"),
    "spread says": (
        "Each dot is one pair of values taken side by side; one thin column of dots is one block (a fresh process a side). The box holds the middle half.",
        "每个点是先后紧邻测得的一对值；每一细列是一个批次（每个被测方一个新进程）。方框内为中间的一半。",
    ),
    "as table": ("The same as a table", "以表格显示"),
    "get figure": ("How to get this figure again", "如何重新得到此图"),
    "copy": ("Copy", "复制"),
    "copied": ("Copied", "已复制"),
    "axis": ("× {anchor}, log scale", "× {anchor}（对数）"),
    "higher": ("higher is slower", "越高越慢"),
    "higher memory": ("higher is more", "越高越多"),
    "keys": ("Left and right arrow keys walk through the releases.", "左右方向键可逐个查看版本。"),
    "said": ("What the benchmarks also saw", "基准测试的其他发现"),
    "compat": ("Who reads what whom wrote", "谁能读取谁保存的模型"),
    "compat says": (
        "Rows saved the model, columns loaded it. Each failing square leads to its message and log.",
        "行为保存方，列为加载方。点击失败的格子可查看报错与日志。",
    ),
    "saved by": ("saved by", "保存方"),
    "loaded by": ("loaded by", "加载方"),
    "failures": ("Failures", "失败"),
    "no failures": ("Nothing fails here.", "此处没有失败。"),
    "signature": ("signature", "特征码"),
    "pairs": ("pairs", "个组合"),
    "detail": ("full message", "完整报错"),
    "log": ("end of the log", "日志末尾"),
    "cures": ("Cures", "解决办法"),
    "proved": ("Proved here", "在此证实"),
    "proved says": (
        "These pairs failed, and the same pair worked with this set before import paddle.",
        "以下组合失败；在 import paddle 之前设置后，同一组合正常。",
    ),
    "on loading": ("set on the loading side", "在加载方设置"),
    "on saving": ("set on the saving side", "在保存方设置"),
    "risk": ("risk", "风险"),
    "reported": ("Reported upstream", "上游报告"),
    "cure": ("cure", "解决办法"),
    "proof": ("proof", "证明"),
    "no cures given": ("No cure is known for what fails here.", "此处的失败还没有已知的解决办法。"),
    "no cures": ("No cure is known for what fails here. To search:", "此处的失败还没有已知的解决办法。搜索方法："),
    "environment": ("Environments and digests", "环境与摘要"),
    "image": ("Image", "镜像"),
    "runs": ("Runs behind this page", "本页所用的运行"),
    "command": ("Command", "命令"),
    "facts": ("Machines", "机器"),
    "no facts": ("no run on this disk tells more of it", "本地没有说明该机器的运行记录"),
    "not isolated": ("without containers", "未使用容器"),
    # method and files
    "method": ("How to read this", "如何阅读"),
    "method says": (
        (
            "Sides are measured in turns, fractions of a second apart, in fresh containers; the block is the unit of evidence. "
            "Never compare times across routes: they open a model in different ways."
        ),
        "各被测方在全新的容器中轮流测量，间隔不到一秒；批次是证据的单位。不同加载方式之间的时间不可比较。",
    ),
    "again": ("Make this report again", "重新生成本报告"),
    "files": ("The same data", "同样的数据"),
    "feed": ("Feed of confirmed changes", "已确认变化的订阅源"),
    "speed file": ("speed", "速度"),
    "compat file": ("compatibility", "兼容性"),
    "no script": (
        "Without JavaScript there are no charts and no filters; every figure is in the tables.",
        "未启用 JavaScript 时没有图表和筛选；所有数值都在表格中。",
    ),
}
ONE = {
    "scenarios": "scenario", "releases": "environment", "pairs work": "pair of saver and loader works", "trials": "trial",
    "pairs": "pair", "nets": "operator",
}  # fmt: skip
"""What is said of a single one; Chinese makes no difference."""
CHART_WORDS = (
    "FASTER", "SLOWER", "SAME", "UNDECIDED", "UNSTABLE", "LESS", "MORE", "anchor", "keys", "plain", "copied", "copy",
    "shown", "of", "ok", "some", "fails", "exact", "close", "drift", "mismatch",
)  # fmt: skip
"""What the scripts say by themselves."""


def t(key: str, **values: object) -> Markup:
    """A phrase as an element that carries both languages; values are escaped."""
    return _filled(key, values) if values else _plain(key)


@cache
def _plain(key: str) -> Markup:
    return both(*PAIRS[key])


def _filled(key: str, values: Mapping[str, object]) -> Markup:
    english, chinese = (text.format(**values) for text in PAIRS[key])
    return both(english, chinese)


def counted(key: str, number: int) -> Markup:
    """The noun for so many: "1 trial", "2 trials"."""
    return both(ONE[key], PAIRS[key][1]) if number == 1 else t(key)


def both(english: str, chinese: str) -> Markup:
    """Any pair of texts as one element; a text without a translation stays what it is."""
    if not chinese or english == chinese:
        return escape(english)
    return Markup('<span data-zh="{}">{}</span>').format(chinese, english)


@cache
def label(key: str, name: str = "aria-label") -> Markup:
    """An attribute in both languages."""
    english, chinese = PAIRS[key]
    return Markup('{}="{}" data-zh-{}="{}"').format(name, english, name, chinese)


@cache
def zh(key: str) -> Markup:
    """The attribute with which an element that can hold only text carries its Chinese."""
    return Markup('data-zh="{}"').format(PAIRS[key][1])


def en(key: str) -> str:
    """The English of a phrase."""
    return PAIRS[key][0]
