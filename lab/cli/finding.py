"""What a doctor found, as a terminal has it."""

from lab.machine.doctor import DoctorFinding, DoctorLevel

MARKS = {DoctorLevel.GOOD: "ok  ", DoctorLevel.WARN: "warn", DoctorLevel.BAD: "BAD "}


def line(one: DoctorFinding) -> str:
    """One question with its answer, and the mend below it."""
    mend = f"\n      {'mend':<13} {one.mend}" if one.mend else ""
    return f"{MARKS[one.level]}  {one.question:<13} {one.answer}{mend}"
