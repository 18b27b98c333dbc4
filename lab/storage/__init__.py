"""Results on disk: the store of runs, the history of measurements, and the folder they lie in."""
