"""What must not leave this machine: known by where secrets usually stand, and by what a secret looks like."""
