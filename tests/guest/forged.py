"""What a child may do to its own record: lie in its place, or tell the supervisor nonsense under its own nonce."""

PLANTS = (
    "os.makedirs(path + '/x/y')",
    "os.makedirs(path + '.tmp/x')",
    "os.mkfifo(path)",
    "os.mkfifo(path + '.tmp')",
    "os.symlink('/dev/full', path + '.tmp')",
    "os.symlink(path, path)",
)
FORGED = (
    "{}",
    '{"event": "phase"}',
    '{"event": "phase", "name": ["x"], "t": 0, "cpu": 0}',
    '{"event": "phase", "name": "load", "t": "x", "cpu": 0}',
    '{"event": "phase", "name": "load", "t": 1' + "0" * 400 + ', "cpu": 0}',
    '{"event": "spent", "name": "load"}',
    '{"event": "spent", "name": "load", "seconds": NaN, "cpu": Infinity}',
    '{"event": "facts"}',
    '{"event": ["facts"]}',
    '{"event": "ready", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "[" * 100_000,
)
TELLS = """
line = next(one for one in __import__("gc").get_objects() if type(one).__name__ == "SupervisorLine")
said = {said!r}.replace("{{", '{{"nonce": "' + line._nonce + '", ', 1).replace(', }}', '}}')
os.write(line._fd, ("\\n" + said + "\\n").encode())
"""
