"""Names for the values a variable has one after another, where operators change it in place."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Versions:
    """How often each variable was written so far: its first value has its own name, the second "name#2"."""

    count: dict[str, int] = field(default_factory=dict)

    def known(self, variable: str) -> bool:
        """Whether it has a value yet."""
        return variable in self.count

    def now(self, variable: str) -> str:
        """The name of the value it has now; that of a first one where nobody wrote it."""
        return _named(variable, self.count.get(variable, 1))

    def next(self, variable: str) -> str:
        """The name of the value it is given now."""
        self.count[variable] = self.count.get(variable, 0) + 1
        return self.now(variable)


def _named(variable: str, number: int) -> str:
    return variable if number == 1 else f"{variable}#{number}"
