"""Words that stand between a product's name and its version, and words that part them."""

JOINERS = frozenset({
    "version", "versions", "ver", "v", "release", "is", "was", "are", "gpu", "cpu", "full", "installed", "wheel",
    "build", "builds", "the", "framework", "inference", "lib", "library", "package", "pip", "whl", "name", "stable",
    "official", "image", "docker", "tag", "number", "current", "currently", "my", "our", "also", "both", "core",
    "api", "py", "__version__", "cpp", "c", "cxx", "develop", "python_package",
})  # fmt: skip
"""Between a name and its version: "PaddlePaddle version is 3.0"."""

NEUTRAL = frozenset({
    "in", "on", "to", "from", "with", "under", "at", "since", "than", "before", "after", "until", "till", "between",
    "and", "or", "of", "by", "for", "using", "use", "uses", "used", "via", "as", "but", "then", "not", "both",
    "only", "even", "while", "when", "where", "which", "that", "this", "it", "so", "if", "all", "any", "every",
    "each", "other", "another", "also", "again", "now", "still", "up", "down", "back", "works", "work", "worked",
    "fails", "fail", "fine", "ok", "good", "bad", "broken", "broke", "break", "breaks", "crash", "crashes", "error",
    "errors", "newer", "older", "latest", "previous", "old", "new", "earlier", "later", "install", "upgrade",
    "update", "downgrade", "switch", "rollback", "revert", "try", "tried", "tested", "test", "ran", "run", "runs",
    "load", "loads", "save", "saves", "saved", "wrote", "written", "write", "reads", "read", "model", "models",
    "export", "exports", "releases", "whereas", "however", "same", "vs", "versus", "against", "yes", "no", "pass",
    "passes", "success", "i", "we", "you", "they", "he", "she", "has", "have", "had", "do", "does", "did", "can",
    "cannot", "could", "would",
})  # fmt: skip
"""Before a version that belongs to no name: "works in 3.0"."""

CHAINED = frozenset({
    "and", "or", "to", "v", "vs", "versus", "also", "both",
})  # fmt: skip
"""Between two versions of one product: "2.6 and 3.0"."""
