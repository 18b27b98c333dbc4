"""What is known beforehand: reported problems by their signs, and the reviewed list of cures."""
