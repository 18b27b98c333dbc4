"""Python without what explains it: bundles carry a few kilobytes of the lab's own code, whose comments stand in the lab."""

import ast
import io
import tokenize


def short(source: bytes) -> bytes:
    """The same program without comments and without the docstrings of its functions and classes; the file's own stays.

    What is left keeps its lines as they were, so it is read and debugged as any other file.
    """
    text = source.decode("utf-8")
    lines = text.split("\n")
    gone: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and len(node.body) > 1:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                gone |= set(range(first.lineno - 1, first.end_lineno or first.lineno))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        line, column = token.start[0] - 1, token.start[1]
        if token.type == tokenize.COMMENT and not token.string.startswith("#!"):
            lines[line] = lines[line][:column].rstrip()
            if not lines[line]:
                gone.add(line)
    return "\n".join(line for number, line in enumerate(lines) if number not in gone).encode("utf-8")
