"""The door: words -> nouns, one verb, print, exit code. The only room that prints."""
