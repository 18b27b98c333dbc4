"""A run as an archive that replays without the lab, and the way back: writing, reading, checking."""
