"""This machine: its facts, its noise, its one door to other programs, one timing at a time, and what it can do."""
