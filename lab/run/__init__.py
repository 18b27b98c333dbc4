"""One run: its plan, its steps and trials, each stored before anybody hears of it."""
