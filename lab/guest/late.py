"""The guest's own modules: brought in after what a scenario imports, and under no name that a scenario could meet."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
_MINE = {}


def own(name):
    """A module of the guest by its name, the same one each time.

    What it imports itself comes with it. A scenario's module of the same name is in nobody's way.
    """
    if name not in _MINE:
        names = [file[:-3] for file in os.listdir(HERE) if file.endswith(".py")]
        others = {one: sys.modules.pop(one) for one in names if one in sys.modules}
        sys.modules.update(_MINE)
        sys.path.insert(0, HERE)
        try:
            __import__(name)
        finally:
            sys.path.remove(HERE)
            _MINE.update((one, sys.modules.pop(one)) for one in names if one in sys.modules)
            sys.modules.update(others)
    return _MINE[name]
