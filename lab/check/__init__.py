"""A user's own model as it is: run by the release that wrote it and by others, stamped, converted."""
