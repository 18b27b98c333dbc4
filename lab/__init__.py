"""paddle-repro-lab: reproduce, compare and time PaddlePaddle releases in clean containers."""

__version__ = "0.1.0"
