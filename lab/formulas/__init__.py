"""What operators should answer, by numpy alone: Paddle's definitions as formulas, and a graph computed with them.

A formula takes arrays in the order and settings under the names that a .json of 3.x gives them. Floats come in as float64;
whoever computes a graph rounds each result to the element type that the program gives it.
"""

from lab.formulas.evaluate import Evaluated, evaluate

__all__ = ["Evaluated", "evaluate"]
