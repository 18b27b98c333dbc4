"""Every option and argument of the command line, once: one name for one meaning, in every verb that has it.

A verb may say in its help what it takes where an option is left out; the option itself means the same everywhere.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.completion import (
    release_option,
    release_word,
    route_option,
    run_option,
    run_word,
    scenario_option,
    scenario_word,
)
from lab.cli.threads import clipped
from lab.engine.choose import EngineChoice
from lab.model.bundle import Lang
from lab.model.search import METRICS as SEARCHED
from lab.model.search import Axis
from lab.run.order import Timer
from lab.scenario import STANDARD_ROUTES


class Format(StrEnum):
    """In which form an answer is given."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


DATA = (Format.JSON,)
"""What is made of the answer's data alone, so that every verb that answers has it."""
ENDINGS = {".md": Format.MARKDOWN, ".html": Format.HTML, ".json": Format.JSON, ".txt": Format.TEXT}
PREFERRED = (Format.MARKDOWN, Format.JSON, Format.TEXT)
"""What a file is written as where neither its name nor --format says it."""


# What it is about.
ScenarioArgument = Annotated[str, scenario_word(metavar="SCENARIO", help="A scenario by its name, or by its file.")]
ScenariosArgument = Annotated[list[str], scenario_word(metavar="SCENARIO", help="Scenarios by name or file.")]
SubjectArgument = Annotated[
    str,
    scenario_word(metavar="SCENARIO|MODEL", help="A scenario by name or file, or a model's folder, prefix or program."),
]
ModelArgument = Annotated[
    Path,
    typer.Argument(metavar="MODEL", help="A model's folder, its prefix (net for net.pdmodel), its program or a file."),
]
RunArgument = Annotated[str, run_word(metavar="RUN", help='A run: its id, a part of it that fits one, or "last".')]
EarlierRunArgument = Annotated[str, run_word(metavar="OLD", help="The earlier run: its id, or a part of it.")]
KeptRunsArgument = Annotated[list[str], run_word(metavar="RUN", help="Runs: each by its id, or a part of it.")]
ModelOrRunArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|RUN", help='A model\'s folder, prefix or program; or a run: its id, a part of it, "last".'
    ),
]
RunsArgument = Annotated[list[str], run_word(metavar="RUN", help='Benchmarks by run; without one, the "last".')]
BundleArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A bundle: NAME.repro.tgz.")]
ImagesFileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="What lab images save wrote.")]
RangeArgument = Annotated[
    str, typer.Argument(metavar="RELEASES", help='"all", "stable", "2.6.2..3.1.1", ">=3.1", "2.6.2,3.0.0".')
]
RangesArgument = Annotated[
    list[str], release_word(metavar="RELEASES", help='"all", "stable", "2.6.2..3.1.1", ">=3.1", 2.6.2 3.0.0.')
]
EnvironmentsArgument = Annotated[
    list[str], release_word(metavar="ENVIRONMENT", help="Such as 2.6.2, 3.0.0-gpu-cu126 or newest.")
]
BuildsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="BUILD", help="A wheel's file, image:NAME, a version as 3.4.0, nightly, nightly-2026-11-01."
    ),
]
EnvironmentArgument = Annotated[str, release_word(metavar="ENVIRONMENT", help="One environment, such as 2.6.2.")]
NewFolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder.")]
DraftArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME|REPORT", help="The new scenario's name, or a report: Markdown with code and versions."
    ),
]

# Which releases.
SaversOption = Annotated[
    list[str], release_option("--savers", help="Who saves: 2.6.2..3.3.1, >=3.1, stable, or environments as 2.6.1-gpu.")
]
LoadersOption = Annotated[list[str], release_option("--loaders", help="Who loads, in the same words.")]
SaverOption = Annotated[str, release_option("--saver", help="The one release that saves the files.")]
LoaderOption = Annotated[str, release_option("--loader", help="The one release that loads the files.")]
GoodOption = Annotated[str, release_option("--good", help="A release that works, such as 2.6.2 or 2.6.1-gpu.")]
BadOption = Annotated[str, release_option("--bad", help="A release that fails, such as 3.0.0 or newest.")]
PLACE = "release=2.6.1,python=3.10"
GoodPlaceOption = Annotated[list[str], typer.Option("--good", help=f"The place that works: {PLACE}.")]
BadPlaceOption = Annotated[
    list[str], typer.Option("--bad", help="The place that fails; axes as in --good, or FLAGS_x=...")
]
AtOption = Annotated[str, release_option("--at", help="The release that fails, such as 3.0.0 or newest.")]
FromOption = Annotated[str, release_option("--from", help="The model's own release; else the one that wrote it.")]
ToOption = Annotated[
    str, release_option("--to", help="Releases to upgrade to: 3.0.0, 3.0.0..3.3.1, stable; else newest.")
]
ReadersOption = Annotated[
    str, release_option("--readers", help="Releases it must work in: 3.0.0, 3.0.0..3.3.1, stable; else newest.")
]
ReleaseOption = Annotated[str, typer.Option("--release", help="The release to convert in; else the oldest that can.")]
ReleasesOption = Annotated[list[str], release_option("--releases", help="Sides: RELEASE, or RELEASE+NAME=VALUE.")]
AgainstOption = Annotated[str, release_option("--against", help="The reference, one of the sides; default the first.")]
PackagesOption = Annotated[
    list[str], typer.Option("--with", help="PACKAGE==VERSION in every environment, such as numpy==1.26.4; repeatable.")
]
AxisOption = Annotated[Axis, typer.Option("--axis", help="Which side moves from release to release.")]
AmongOption = Annotated[
    list[str],
    typer.Option("--among", help="The row instead of the releases between: a folder of wheels, nightly, or builds."),
]
FirstDayOption = Annotated[str, typer.Option("--since", help="With --among nightly: the first day, as 2026-09-01.")]
LastDayOption = Annotated[str, typer.Option("--until", help="With --among nightly: the last day.")]
EveryOption = Annotated[bool, typer.Option("--every", help="Try every release of the row.")]
FixOption = Annotated[bool, typer.Option("--find-fix", help="From the bad release on: since when does it work again?")]
DeviceOption = Annotated[str, typer.Option("--device", help="Only this device, such as cpu.")]
IndexOption = Annotated[
    str,
    typer.Option("--index", help="Ask one of Paddle's own indexes instead: stable, nightly, or one of devices.toml."),
]
AllNewOption = Annotated[
    bool, typer.Option("--all-new", help="Every stable release newer than the catalogue's newest.")
]
IntoCatalogueOption = Annotated[
    bool, typer.Option("--into-catalogue", help="Write table, README row, locks and Dockerfiles for a commit.")
]
WhyOption = Annotated[bool, typer.Option("--why", help="Also what does not exist, and why.")]
KeepOption = Annotated[list[str], typer.Option("--keep", help="Environments to keep.")]

# Under which circumstances.
FlagOption = Annotated[
    list[str], typer.Option("--flag", help="NAME=VALUE set before import where the model is loaded.")
]
SaveFlagOption = Annotated[
    list[str], typer.Option("--save-flag", help="NAME=VALUE set before import where the model is saved.")
]
AlsoOption = Annotated[
    list[str], typer.Option("--also", help="NAME=VALUE: everything a second time with it set; '' for nothing.")
]
ROUTES = f"a route of the scenario; of a model one of {', '.join(STANDARD_ROUTES)}"
RouteOption = Annotated[str, route_option("--route", help=f"How the model is opened: {ROUTES}.")]
RoutesOption = Annotated[list[str], route_option("--route", help=f"How the model is opened: {ROUTES}; repeatable.")]
EngineOption = Annotated[EngineChoice, typer.Option("--engine", "-e", help="Where steps run.")]
FleetOption = Annotated[str, typer.Option("--fleet", help="tls://HOST:PORT, ssh:A,B, slurm or k8s; else LAB_FLEET.")]
OnOption = Annotated[list[str], typer.Option("--on", help="Only hosts of the fleet with this label; repeatable.")]
SaveOnOption = Annotated[str, typer.Option("--save-on", help="Save only on hosts of the fleet with this label.")]
LoadOnOption = Annotated[str, typer.Option("--load-on", help="Load only on hosts of the fleet with this label.")]
FleetArgument = Annotated[str, typer.Argument(metavar="FLEET", help="tls://HOST:8786, ssh:HOST,HOST, slurm or k8s.")]
PrintOption = Annotated[bool, typer.Option("--print", help="Show what one would type for it, and start nothing.")]
OwnAddressOption = Annotated[str, typer.Option("--address", help="This machine's address for hosts, if not the usual.")]
ProgramOption = Annotated[str, typer.Option("--program", help="The lab's program on hosts, where it is not on PATH.")]
PodImageOption = Annotated[str, typer.Option("--image", help="The image of pods, with the lab in it.")]
HostsOption = Annotated[str, typer.Option("--hosts", help="Hosts that will join: a ticket for each, as a,b,c.")]
TicketOption = Annotated[str, typer.Option("--ticket", help="A ticket's file; or - for stdin.")]
NewHostsArgument = Annotated[str, typer.Argument(metavar="HOSTS", help="What the hosts are called, as a,b.")]
LabelsOption = Annotated[list[str], typer.Option("--label", help="A word of your own for this host; repeatable.")]
SlotsOption = Annotated[int, typer.Option("--slots", min=0, max=256, help="Steps side by side; 0 to find out.")]
KeptOption = Annotated[bool, typer.Option("--kept", hidden=True)]
PythonOption = Annotated[str, typer.Option("--python", help='Python of every environment, such as "3.11".')]
ThreadsOption = Annotated[
    int, typer.Option("--threads", min=1, max=256, callback=clipped, help="Threads Paddle may use, at most one a core.")
]
PairOption = Annotated[
    int, typer.Option("--pair", min=0, max=999, help="Which of several symptoms, by the number that the page gives it.")
]
InputsOption = Annotated[str, typer.Option("--inputs", help="With a MODEL: an npz with one array for each input.")]
ExpectOption = Annotated[
    str, typer.Option("--expect", help="With --inputs: an npz of the outputs that are right, by name or in order.")
]
DimOption = Annotated[
    list[str], typer.Option("--dim", help="With a MODEL: batch=4, length=, height=, FEED:AXIS=4 or FEED=4x3x64x64.")
]
PrefixOption = Annotated[str, typer.Option("--prefix", help="Which model, where a folder holds several.")]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Only with images that are here: no build, no network.")]

# How often, how long, how much.
RepeatOption = Annotated[int, typer.Option("--repeat", min=1, max=20, help="How often each is tried.")]
RoundsOption = Annotated[
    int, typer.Option("--rounds", min=0, max=50, help="Processes that time each pair; 0: none, nothing is timed.")
]
BudgetOption = Annotated[str, typer.Option("--budget", help="Time for the first session: 90s, 3m, 1h.")]
BlocksOption = Annotated[int, typer.Option("--blocks", min=0, max=24, help="Exactly this many blocks (6, 12 or 24).")]
QuickOption = Annotated[bool, typer.Option("--quick", help="Two short blocks: ratios for a first look, no verdict.")]
TimerOption = Annotated[Timer, typer.Option("--timer", help="Who times calls: the lab's loop, or pyperf's Runner.")]
NetTimeOption = Annotated[float, typer.Option("--net-time", min=1, help="Seconds for a net; 30 % of them on the CPU.")]
OnceOption = Annotated[bool, typer.Option("--once", help="No second look at what is silent.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Decides everything that is drawn; -1 draws the seed itself.")]
FullOption = Annotated[bool, typer.Option("--full", help="Also the pairs that cost a large download or much memory.")]
AllOption = Annotated[bool, typer.Option("--all", help="One line a scenario: those named, else every one.")]
OpOption = Annotated[list[str], typer.Option("--op", help="Only these nets: a name, a pattern ('conv*') or a family.")]

# What is looked for.
SignatureOption = Annotated[
    str, typer.Option("--signature", help='What counts as the failure: "auto" (the bad end\'s), "any", or a regex.')
]
PerfOption = Annotated[
    str,
    typer.Option("--perf", help=f"Search for slowness: METRIC:SHARE, such as infer:10%; any of {', '.join(SEARCHED)}."),
]
SymptomOption = Annotated[
    str, typer.Option("--symptom", help="What is wrong: fails (default), slower (--perf infer:10%), or leak.")
]
MetricOption = Annotated[
    list[str], typer.Option("--metric", help=f"Any of {', '.join(SEARCHED)}, memory; default all.")
]
TrialOption = Annotated[
    list[str], typer.Option("--trial", help="Which trial: number (from 1) or label; default: what fails, and its cure.")
]
NewestOption = Annotated[bool, typer.Option("--newest", help="Only the newest release of each scenario and route.")]
SinceOption = Annotated[
    str, typer.Option("--since", help="Only what was measured since a day, or releases from one on: 2026-11-01, 3.1.0.")
]
AcceptWorseOption = Annotated[
    str,
    typer.Option("--accept", metavar="REASON", help="Take what is red as it is, for this reason; kept in the history."),
]
TrackedOption = Annotated[str, scenario_option("--scenario", help="Only this scenario.")]

# How it is run.
FreshOption = Annotated[bool, typer.Option("--fresh", help="Run everything again, whatever is known.")]
ResumeOption = Annotated[str, run_option("--resume", help='Go on with a run of this very command: its id, or "last".')]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
WorkspaceOption = Annotated[
    str, typer.Option("--workspace", "-w", help="The lab's folder; else LAB_WORKSPACE, else the nearest above here.")
]
GitBisectOption = Annotated[
    bool, typer.Option("--git-bisect-exit", help="Exit as `git bisect run` wants: 0 works, 1 fails, 125 untestable.")
]
AnywayOption = Annotated[bool, typer.Option("--anyway", help="Run damaged files all the same.")]
NoPickleOption = Annotated[bool, typer.Option("--no-pickle", help="Leave .pdiparams.info out: it is unpickled.")]
AllowPickleOption = Annotated[
    bool, typer.Option("--allow-pickle", help="Also load files that can hold pickle (they run code of their maker).")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask; for machines without a person.")]
NoProofOption = Annotated[bool, typer.Option("--no-proof", help="Do not replay it first; the bundle says so.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
AcceptOption = Annotated[
    bool, typer.Option("--accept-change", help="Exit code 0 also where it is safe only with a flag or other code.")
]
EnoughOption = Annotated[
    list[str],
    typer.Option("--accept", help="A way that is enough, such as jit; repeatable. Else every way that worked."),
]
UpdateOption = Annotated[bool, typer.Option("--update", help="Bring a workspace up to date; what is yours is kept.")]
StaleOption = Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if a checked-in file is stale.")]
NoiseOption = Annotated[bool, typer.Option("--noise", help="How noisy it is, and which change it could show.")]

# What is handed over, and where to.
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How the answer is printed.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
OutputOption = Annotated[
    list[Path],
    typer.Option("--output", "-o", help="Also write it here, as the name's ending says, else as --format; repeatable."),
]
JunitOption = Annotated[
    Path | None, typer.Option("--junit", help="Also write a JUnit file: one test case for each thing that was asked.")
]
GithubOption = Annotated[
    bool, typer.Option("--github", help="Also speak to GitHub Actions: annotations, and the job summary.")
]
FileOption = Annotated[str, typer.Option("--output", "-o", help="The file or folder to write; else a name of its own.")]
StoredOption = Annotated[str, typer.Option("--stored", help="Show a stored sweep again instead of running one.")]
IntoOption = Annotated[str, typer.Option("--into", help="The format to turn it into: json or pdmodel.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of what is written.")]
FolderOption = Annotated[str, typer.Option("--output", "-o", help="The new folder to write; else one of its own name.")]
ArchiveOption = Annotated[
    str, typer.Option("--bundle", help="Also make the proved archive: a file, or a folder for it.")
]
KeepInputsOption = Annotated[bool, typer.Option("--keep-inputs", help="Leave inputs as they are: shapes and numbers.")]
PrivateOption = Annotated[
    bool, typer.Option("--private", help="Of any size, for a hand-over that is not a public tracker.")
]
ListOption = Annotated[bool, typer.Option("--list", help="Only say what would be in it.")]
HashOption = Annotated[bool, typer.Option("--hash", help="Also the sha256 of each file; reads them whole.")]
WithChecksOption = Annotated[
    bool, typer.Option("--with-checks", help="Also runs of models of your own, which otherwise stay out.")
]
UrlOption = Annotated[str, typer.Option("--url", help="Where it will lie on the web, for the links of the feed.")]
BrowserOption = Annotated[bool, typer.Option("--browser", help="Open the tracker's new-issue page, title filled in.")]
PublicOption = Annotated[bool, typer.Option("--public", help="Write text for an issue even of a native crash.")]
NameOption = Annotated[str, typer.Option("--name", help="With a REPORT: the scenario's name; else the file's.")]
SummaryOption = Annotated[str, typer.Option("--summary", help="With a NAME: what fails, in one sentence.")]
IssueOption = Annotated[
    str, typer.Option("--issue", help="With a NAME: where it was reported, such as PaddlePaddle/Paddle#71996.")
]
