"""What people read in a bundle: the issue, and the README with what it shows, how to see it, and what to know before."""

from collections.abc import Collection, Mapping

from lab import shell
from lab.bundle import claims, manifest
from lab.bundle.gather import Papers
from lab.bundle.pickles import by_name
from lab.model import BuildSort, GivenBuild
from lab.model.bundle import Bundle, IssueReport, Lang, Proof
from lab.outcome.words import outcome_words
from lab.report import issue
from lab.report.markdown import cell

KEPT = {
    "README.md": "this text",
    "ISSUE.md": "the report, in the order of Paddle's bug template",
    "EXPLAIN.md": "what the lab found out about the problem, on one page",
    "repro.py": "replays the cases with paddle and numpy alone: `save`, `load`, `check`",
    "closeness.py": "how near numbers have to be, for repro.py",
    "routes.py": "the standard ways of opening a model, for repro.py",
    "run.sh": "builds the images and replays in containers; plain docker or podman commands",
    "scenario.py": "the code that saves, loads and infers",
    claims.NAME: f"what is claimed, by schema {claims.SCHEMA}; docs/bundle-format.md of the lab explains it",
    claims.PROOF: "how often this bundle was replayed from itself before it was handed over",
    manifest.NAME: "every file by its sha256: `sha256sum -c MANIFEST.sha256`",
    "Dockerfile.load": "the image of the loading side",
    "Dockerfile.save": "the image of the saving side",
    "requirements.load.txt": "its wheels, each by its hash and with no index address",
    "requirements.save.txt": "its wheels, each by its hash and with no index address",
}


def papers(lang: Lang) -> Papers:
    """What writes both, the issue in a language."""

    def told(name: str, bundle: Bundle, report: IssueReport, files: Mapping[str, bytes]) -> Mapping[str, str]:
        whole = {*files, "ISSUE.md", "README.md"}
        return {
            "ISSUE.md": issue.render(report, lang),
            "README.md": text(report.attachment or f"{name}.repro.tgz", bundle, report.proof, whole),
        }

    return told


def text(archive: str, bundle: Bundle, proof: Proof | None, files: Collection[str]) -> str:
    """The whole README of a bundle whose file is called `archive`."""
    lines = [f"# {cell(bundle.scenario)}", "", cell(bundle.summary), ""]
    lines += [f"- {cell(case.trial.label)}: {cell(outcome_words(case.trial.outcome))}" for case in bundle.cases]
    lines += ["", _proved(proof), "", "## See it happen", "", *_ladder(archive, bundle), ""]
    lines += ["## Before you run it", "", *_warnings(bundle, files), "", "## What is in it", ""]
    lines += [f"- `{path}`: {told}" for path, told in KEPT.items() if path in files or path == manifest.NAME]
    lines += [
        "- `saved/`: inputs and the saver's outputs as npz without pickle, and the model",
        "- `cases/`, `logs/`: outputs, times (pyperf) and logs of each case; `env/`: versions and machine",
        "",
    ]
    lines += ["## 中文说明", "", *_chinese(archive, bundle, proof)]
    return "\n".join(lines).rstrip() + "\n"


def _proved(proof: Proof | None) -> str:
    if proof is None:
        return "It was **not** replayed before it was handed over."
    where = "in fresh containers without network" if proof.isolated else "in local environments, without containers"
    return f"Unpacked into an empty folder and replayed {where} ({proof.engine}): {proof.times}/{proof.times}, same signature."


def _ladder(archive: str, bundle: Bundle) -> list[str]:
    made = "" if bundle.carried else f" (first `python repro.py save made` with Paddle of {bundle.saver})"
    return [
        f"1. `python repro.py check` in any environment with Paddle of {bundle.loader}{made};",
        "2. `sh run.sh` with Docker or Podman alone (`BASE`, `LOAD_IMAGE`, `WHEELS` for machines without a registry: its head explains them);",
        f"3. `lab replay {shell.quote(archive)}`, and `--loader newest` to ask whether it is fixed;",
        f"4. `lab replay {shell.quote(archive)} --offline` with images brought along by `lab images save` and `lab images load`.",
    ]


def _warnings(bundle: Bundle, files: Collection[str]) -> list[str]:
    lines = [
        "- It runs code of whoever made it. A container reduces accidents; it is not a security boundary.",
        f'- It was made on {bundle.arch}; "same" means the same inputs by their hashes, not the same image.',
    ]
    pickles = [path for path in sorted(files) if path.startswith("saved/model/") and by_name(path)]
    if pickles:
        lines.append(
            f"- These files can hold pickle, which runs code when Paddle reads it: {cell(', '.join(pickles))}. "
            "`lab replay` leaves them out unless `--allow-pickle` is given."
        )
    lines += [f"- {_english_build(one)}" for one in bundle.builds]
    if not bundle.carried:
        size = sum(one.size for one in bundle.model) / 1e6
        lines.append(
            f"- **The weights ({size:.1f} MB) did not fit and are not in it**: the scenario's save makes them again; "
            "results.json has the hash of each file as it was."
        )
    return lines


def _chinese(archive: str, bundle: Bundle, proof: Proof | None) -> list[str]:
    proved = f"交付前已解包并重放 {proof.times}/{proof.times} 次，特征码一致。" if proof else "交付前没有重放过。"
    lines = [
        f"{proved}三种重放方法：",
        "",
        f"1. 在装有对应 Paddle（{bundle.loader}）的环境中：`python repro.py check`",
        "2. 只有 Docker 或 Podman：`sh run.sh`",
        f"3. 使用本工具：`lab replay {shell.quote(archive)}`（`--loader newest` 可查询新版本是否已修复）",
        "",
        "它会运行制作者的代码：容器能减少意外，但不是安全边界。用 `sha256sum -c MANIFEST.sha256` 核对内容。",
    ]
    lines += [_chinese_build(one) for one in bundle.builds]
    return lines if bundle.carried else [*lines, "", "权重太大，没有放入；由 scenario.py 的 save 重新生成。"]


def _english_build(build: GivenBuild) -> str:
    """What a bundle says of a build that it was made with and does not carry, and how it is handed over."""
    if build.sort is BuildSort.IMAGE:
        return (
            f"It was made with the image `{cell(build.name)}` (sha256 {build.sha256}), which is not in it: `run.sh` looks for that digest on "
            f"the engine; for `lab replay` hand the image over first, `lab images add image:NAME`."
        )
    return (
        f"It was made with `{cell(build.name)}` ({build.size} bytes, sha256 {build.sha256}), which is not in it: hand that file over first, "
        "`lab images add FILE.whl`; for `run.sh` put it into the folder `WHEELS`."
    )


def _chinese_build(build: GivenBuild) -> str:
    """The same in Chinese."""
    if build.sort is BuildSort.IMAGE:
        return (
            f"制作时使用了镜像 `{cell(build.name)}`（sha256 {build.sha256}），本包不含它：`run.sh` 在引擎上查找该摘要；"
            "使用 `lab replay` 时请先交出该镜像：`lab images add image:NAME`。"
        )
    return (
        f"制作时使用了 `{cell(build.name)}`（{build.size} 字节，sha256 {build.sha256}），本包不含该文件：请先运行 `lab images add FILE.whl`；"
        "使用 `run.sh` 时把它放入 `WHEELS` 文件夹。"
    )
