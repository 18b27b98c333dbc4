"""The entry point: the only place that catches the lab's own errors and turns them into exit codes."""

import sys


def main() -> None:
    """Run the command line; a LabError becomes its message on stderr and its exit code."""
    from lab.cli.app import app  # noqa: PLC0415 - so that an interrupted start is caught too
    from lab.cli.ending import run_to_exit_code  # noqa: PLC0415

    sys.exit(run_to_exit_code(app))


if __name__ == "__main__":
    main()
