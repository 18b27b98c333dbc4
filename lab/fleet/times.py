"""How long the members of a fleet have patience with each other: one place, for all of them must have the same."""

LOST_S = 30
"""A host that is silent for so long is lost, and what it did is done by another; dask takes no less than 11."""
FORGOTTEN_S = 60
"""A host that is heard of no more, though its connection is there, is given up after so long."""
NOBODY_S = 60
"""For so long a step waits where nobody is left who could do it."""
LONGEST_WAIT = 30
"""Seconds that whoever lost a connection waits at most before the next."""
NAME_S = 10
"""For so long a host waits for another of its name to leave, as the one before it does whose connection was dialled again."""
ENTER_S = 4.0
"""A door to files that does not open so soon is knocked at again."""
REACH_S = 10.0
"""A door that nobody opens for so long is given up by a host, and from then on at its first silence; the next who has the files is asked."""
DRIVER_REACH_S = 20.0
"""The same for a command: a step whose files it cannot bring is done again by another host."""
TELL_S = 5.0
"""A way to files that is shut for so long is told."""
SOON_S = 10
"""A question that goes to all hosts waits so long for them."""
