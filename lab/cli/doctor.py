"""`lab doctor`: what this machine can do, the mend for what it cannot, and how noisy it is."""

from lab.cli import answer, finding, news, opening, options
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import labelled, say
from lab.machine import doctor as rules
from lab.machine import noise as noises
from lab.machine.doctor import DoctorLevel
from lab.machine.noise import Noise
from lab.outcome.exits import Ending

MEANT = 10.0
"""A change of more than so many times its reference is told by no benchmark."""


@answers(Format.TEXT)
def doctor(noise: options.NoiseOption = False, workspace: options.WorkspaceOption = "") -> None:
    """Engine, rights, disk, memory, CA and proxy, index, GPU and clock are looked at, each with its mend.

    With --noise, only how noisy the machine is, what to change, and which change of speed it could show at which cost.

    Exit code 0, or 6 where something must be mended first; with --noise always 0.
    """
    found, catalogue = opening.place(workspace)
    news.tell(found, catalogue)
    if noise:
        seen = noises.examine(found.root)
        answer.give(seen, text=lambda: _noise(seen))
    findings = answer.told(rules.examine(found), finding.line)
    bad = any(one.level is DoctorLevel.BAD for one in findings)
    ending = Ending.UNFIT if bad else Ending.HEALTHY
    answer.give(
        {"findings": findings}, ending, text=lambda: labelled("\n".join(map(finding.line, findings))), told=True
    )


def _noise(seen: Noise) -> None:
    say(f"noise score  {seen.score} of 100 (0 is quiet)\n")
    for one in seen.findings:
        labelled(f"{('ok  ', 'warn', 'BAD ')[min(one.level, 2)]}  {one.question:<10} {one.answer}")
        if one.mend:
            labelled(f"      {'mend':<10} {one.mend}")
    say("\nwhat two sides can likely tell apart here (an estimate; a benchmark says what it really could):")
    for reach in seen.reach:
        say(f"  {reach.blocks:>2} blocks, about {reach.seconds / 60:.1f} min: changes from {_share(reach.change)}")


def _share(change: float) -> str:
    """A change in percent; on a machine that is busy beyond measure no number means anything."""
    return f"{change:.0%}" if change < MEANT else "far above 100 %"
