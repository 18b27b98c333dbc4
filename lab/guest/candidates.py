"""Further inputs of a load, each given once to the model that is open: the lab takes those that show most of it.

Inputs lie beside the saver's as candidate-N.npz, answers go to answer-N.npz. A candidate that raises has no answer, which is an answer
too; the load itself is not worse for it.
"""

import os
import sys

CANDIDATE, ANSWER = "candidate-{}.npz", "answer-{}"


def answer(request, numpy, guest, infer):
    """Infer with each of the candidates that the request counts, and keep what comes out; `guest` is the phases' own module."""
    home = os.path.dirname(request.get("inputs") or "")
    for number in range(1, int(request.get("candidates") or 0) + 1):
        try:
            given = guest.fetch(numpy, os.path.join(home, CANDIDATE.format(number)))
            outputs = guest.as_saved(request, guest.checked(numpy, infer(given), "infer"))
            guest.keep(numpy, request["out"], ANSWER.format(number), outputs)
        except Exception as error:
            sys.stderr.write("candidate {}: {}: {}\n".format(number, type(error).__name__, error))
