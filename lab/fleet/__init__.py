"""Many hosts as one: the same commands over machines that joined a fleet. Nothing here is imported without `--fleet`."""
