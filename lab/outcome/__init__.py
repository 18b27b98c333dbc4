"""What Paddle did: from the words of guest and engine to an outcome, its signature, and a verdict."""
