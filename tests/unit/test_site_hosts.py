"""The page of hosts tells of every trial where it was run, and nowhere else."""

from dataclasses import replace

from lab import site
from lab.model import Kind, Outcome, Phase, Run, StepFacts, TrialResult
from lab.report import markdown
from lab.site.hosts import HostPile
from tests import report_data as data

TRIAL = TrialResult(
    label="2.6.2 -> 3.0.0", key="k", saver="2.6.2", loader="3.0.0", saver_env={}, loader_env={}, route="own",
    outcome=Outcome(kind=Kind.OK, phase=Phase.INFER), load=StepFacts(host="gpu1", host_class="0a1b2c3d4e"),
)  # fmt: skip
RUN = Run(
    schema=1, id="20260101-000000-x-0000", command="lab run x", scenario="x", scenario_sha256="0", engine="docker",
    isolated=True, started="2026-01-01T00:00:00+00:00", trials=(TRIAL,), hosts={"gpu1": {"cpu": "<b>a cpu</b>"}, "idle": {}},
)  # fmt: skip


def pile(*runs: Run) -> HostPile:
    made = HostPile()
    for run in runs:
        made.seen(run)
    return made


def test_a_host_tells_what_it_tried_and_with_what_facts() -> None:
    gpu1, idle = pile(RUN).findings()
    assert (gpu1.name, gpu1.count, gpu1.facts) == ("gpu1", 1, {"cpu": "<b>a cpu</b>"})
    assert (gpu1.trials[0].label, gpu1.trials[0].run) == (TRIAL.label, RUN.id)
    assert (idle.name, idle.count) == ("idle", 0)


def test_a_trial_that_was_taken_over_is_told_where_it_was_run() -> None:
    again = replace(RUN, id="20260102-000000-x-0000", trials=(replace(TRIAL, reused=RUN.id),))
    assert pile(RUN, again).findings()[0].count == 1


def test_the_page_is_there_only_where_a_fleet_has_worked_and_escapes_what_hosts_say() -> None:
    bare = dict(site.render([data.subject()], data.shared()))
    assert "hosts.html" not in bare
    assert b"hosts.html" not in bare["index.html"]
    made = dict(site.render([data.subject()], replace(data.shared(), hosts=pile(RUN).findings())))
    assert b'href="hosts.html"' in made["index.html"]
    page = made["hosts.html"].decode()
    assert "2.6.2 -&gt; 3.0.0" in page
    assert "&lt;b&gt;a cpu&lt;/b&gt;" in page
    assert "<b>a cpu" not in page


def test_a_table_says_the_host_only_where_a_fleet_did_the_run() -> None:
    assert "gpu1 (0a1b2c3d4e)" in markdown.render(RUN)
    assert "gpu1" not in markdown.render(replace(RUN, hosts={}, trials=(replace(TRIAL, load=StepFacts()),)))
