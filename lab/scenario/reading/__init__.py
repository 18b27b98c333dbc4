"""Reads what people write when something broke: which releases, what happened, where; nothing is guessed."""
