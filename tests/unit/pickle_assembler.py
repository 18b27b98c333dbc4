"""Pickles assembled opcode by opcode: many ways to say the same thing, for tests of who sees through them.

Every strategy gives bytes. `executing(marker)`, alone or in a `wrapped` file, makes pickles that create the folder `marker` when they are loaded;
`programs()` makes any sequence of opcodes, most of which mean nothing.
"""

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

DECOYS = ("numpy.core.multiarray", "_reconstruct", "numpy", "dtype", "collections", "OrderedDict", "weights")


def short(text: str) -> bytes:
    data = text.encode()
    return b"\x8c" + bytes([len(data)]) + data


def _escaped(text: str) -> bytes:
    return b"S'" + b"".join(b"\\x%02x" % byte for byte in text.encode()) + b"'\n"


TEXTS: tuple[Callable[[str], bytes], ...] = (
    short,
    lambda text: b"X" + struct.pack("<I", len(text)) + text.encode(),
    lambda text: b"\x8d" + struct.pack("<Q", len(text)) + text.encode(),
    lambda text: b"V" + text.encode("raw-unicode-escape") + b"\n",
    lambda text: b"V" + b"".join(b"\\u%04x" % ord(one) for one in text) + b"\n",
    lambda text: b"S'" + text.replace("\\", "\\\\").replace("'", "\\'").encode() + b"'\n",
    lambda text: b'S"' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"\n',
    _escaped,
    lambda text: b"U" + bytes([len(text)]) + text.encode(),
    lambda text: b"T" + struct.pack("<i", len(text)) + text.encode(),
)
PUTS: tuple[Callable[[int], bytes], ...] = (
    lambda key: b"q" + bytes([key]),
    lambda key: b"r" + struct.pack("<I", key),
    lambda key: b"p%d\n" % key,
    lambda key: b"p 0%d\n" % key,
)
GETS: tuple[Callable[[int], bytes], ...] = (
    lambda key: b"h" + bytes([key]),
    lambda key: b"j" + struct.pack("<I", key),
    lambda key: b"g%d\n" % key,
    lambda key: b"g+%d\n" % key,
    lambda key: b"g%d_%d\n" % divmod(key, 10),
)
KEYS = st.integers(100, 250)


@st.composite
def noise(draw: st.DrawFn) -> bytes:
    """Opcodes that leave the stack as it was; some look as if they did not."""
    decoys = b"".join(short(one) for one in draw(st.lists(st.sampled_from(DECOYS), max_size=3)))
    count = decoys.count(b"\x8c")
    return draw(
        st.sampled_from(
            [
                b"",
                decoys + b"0" * count,
                b"(" + decoys + b"1",
                b"(0",
                b"N20" + b"0",
                b"(" + decoys + b"t0",
                b"]" + b"(" + decoys + b"e0",
                b"}" + b"(" + decoys * 2 + b"u0",
                decoys and decoys + b"q\xfb" + b"0" * count,
                b"cnumpy\ndtype\n0",
                b"\x95" + struct.pack("<Q", 0),
            ]
        )
    )


@st.composite
def text(draw: st.DrawFn, content: str) -> bytes:
    """Push one text, in one of many ways; through the memo, a copy or an item of a list of nothing."""
    plain = draw(noise()) + draw(st.sampled_from(TEXTS))(content)
    key = draw(KEYS)
    put, get = draw(st.sampled_from(PUTS))(key), draw(st.sampled_from(GETS))(key)
    ways = [plain, plain + b"20", plain + put, plain + put + b"0" + draw(noise()) + get, plain + b"(1", plain + b"(0"]
    return draw(st.sampled_from(ways)) + draw(noise())


@st.composite
def named(draw: st.DrawFn, module: str, name: str) -> bytes:
    """Push what a name stands for."""
    key = draw(KEYS)
    plain = draw(
        st.one_of(
            st.just(b"c" + module.encode() + b"\n" + name.encode() + b"\n"),
            st.tuples(text(module), text(name)).map(lambda parts: b"".join(parts) + b"\x93"),
        )
    )
    through = plain + draw(st.sampled_from(PUTS))(key) + b"0" + draw(noise()) + draw(st.sampled_from(GETS))(key)
    return draw(st.sampled_from([plain, through, plain + b"20"]))


@st.composite
def call(draw: st.DrawFn, module: str, name: str, *arguments: str) -> bytes:
    """Call a function with texts, and leave its result on the stack."""
    what = draw(named(module, name))
    given_ = [draw(text(one)) for one in arguments]
    mark = b"("
    ways = [what + mark + b"".join(given_) + b"tR", mark + what + b"".join(given_) + b"o"]
    if 1 <= len(given_) <= 3:
        ways.append(what + b"".join(given_) + bytes([0x84 + len(given_)]) + b"R")
    ways.append(mark + b"".join(given_) + b"i" + module.encode() + b"\n" + name.encode() + b"\n")
    partial = b"cfunctools\npartial\n(" + what + b"".join(given_) + b"t"
    ways.append(partial + b"\x81)R")
    ways.append(partial + b"}\x92)R")
    ways.append(b"cfunctools\npartial\n(" + what + b"t\x81(" + what + b"(" + b"".join(given_) + b"t}Ntb)R")
    return draw(st.sampled_from(ways))


def payload(marker: str) -> st.SearchStrategy[bytes]:
    """Create the folder `marker`, by one of many functions."""
    code = f"__import__('os').mkdir({marker!r})"
    reached = st.tuples(call("builtins", "__import__", "os"), text("mkdir"), text(marker))
    return st.one_of(
        call("os", "mkdir", marker),
        call("posix", "mkdir", marker),
        call("os", "makedirs", marker),
        call("os", "system", f"mkdir {marker}"),
        call("builtins", "eval", code),
        call("builtins", "exec", code),
        call("os", "path.os.mkdir", marker).map(lambda made: b"\x80\x04" + made),
        call("collections", "_sys.modules.get", "os").map(
            lambda made: b"\x80\x04cbuiltins\ngetattr\n(" + made + short("mkdir") + b"tR(" + short(marker) + b"tR"
        ),
        reached.map(lambda parts: b"cbuiltins\ngetattr\n(" + parts[0] + parts[1] + b"tR(" + parts[2] + b"tR"),
        st.sampled_from([numpys(code), extension(marker), nearly_paddles(code), by_state(marker)]),
    )


def numpys(code: str) -> bytes:
    """A function of numpy that runs text."""
    return b"cnumpy.testing._private.utils\nrunstring\n" + short(code) + b"}\x86R"


def extension(marker: str) -> bytes:
    """Register an extension code, then use it."""
    register = b"ccopyreg\nadd_extension\n(" + short("os") + short("mkdir") + b"K\xf0tR0"
    return register + b"\x82\xf0" + short(marker) + b"\x85R"


def nearly_paddles(code: str) -> bytes:
    """Nearly what paddle.save writes for a DenseTensor."""
    return b"cbuiltins\neval\n" + short(code) + b"}" + short("data") + b"Ns\x86R"


def by_state(marker: str) -> bytes:
    """A dict whose method is exchanged by BUILD, and called by APPEND."""
    return b"ccollections\nOrderedDict\n)R}" + short("append") + b"cos\nmkdir\nsb" + short(marker) + b"a"


@st.composite
def executing(draw: st.DrawFn, marker: str) -> bytes:
    """A pickle that creates the folder `marker` when it is loaded, among things that a model holds."""
    head = draw(st.sampled_from([b"", b"\x80\x00", b"\x80\x01", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"]))
    evil = draw(payload(marker))
    if b"\x80\x04" in evil:
        head = b"\x80\x04"
    state = pickle.dumps(OrderedDict(w=np.ones(2, "float32")), 2)[2:-1]
    inside = draw(
        st.sampled_from(
            [
                evil,
                evil + b"0N",
                b"}" + short("w") + evil + b"s",
                b"}(" + short("w") + state + short("v") + evil + b"u",
                state + b"0" + evil,
                b"(" + evil + b"1]",
                b"](" + b"N" * 20 + evil + b"e",
                b"(K\x01" + evil + b"l",
                b"\x8f(K\x01" + evil + b"0\x90",
            ]
        )
    )
    return head + draw(noise()) + inside + b"."


@st.composite
def wrapped(draw: st.DrawFn, marker: str) -> bytes:
    """A file that has such a pickle in it: alone, behind others, behind the mark of another format, or in an archive."""
    evil = draw(executing(marker))
    plain = pickle.dumps({"w": np.ones(2, "float32")}, draw(st.integers(0, 5)))
    way = draw(st.sampled_from(["alone", "alone", "alone", "behind", "other mark", "zip"]))
    if way == "zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as archive:
            archive.writestr("model/data.pkl", evil)
            archive.writestr("model/data/0", np.ones(30, "float32").tobytes())
        return file.getvalue()
    return {"alone": evil, "behind": plain + evil, "other mark": b"GGUF" + bytes(5) + b"0" + evil}[way]


ARGUMENTS: dict[str, st.SearchStrategy[bytes]] = {
    "\x80": st.integers(0, 6).map(lambda number: bytes([number])),
    "c": st.sampled_from([b"os\nmkdir\n", b"numpy\ndtype\n", b"builtins\neval\n", b"a\nb.c\n", b"\xff\nx\n"]),
    "i": st.sampled_from([b"os\nmkdir\n", b"numpy\ndtype\n"]),
    "g": st.sampled_from([b"0\n", b"1\n", b" 2\n", b"x\n", b"-1\n"]),
    "p": st.sampled_from([b"0\n", b"1\n", b" 2\n", b"x\n", b"-1\n"]),
    "S": st.sampled_from([b"'os'\n", b"'\\x6fs'\n", b'"mkdir"\n', b"os\n", b"'\n"]),
    "V": st.sampled_from([b"os\n", b"\\u006fs\n", b"mkdir\n"]),
    "P": st.just(b"some\n"),
    "I": st.sampled_from([b"01\n", b"7\n", b"x\n"]),
    "L": st.just(b"7L\n"),
    "F": st.just(b"1.5\n"),
    "X": st.sampled_from(["os", "mkdir", "numpy", "dtype"]).map(lambda one: struct.pack("<I", len(one)) + one.encode()),
    "\x8c": st.sampled_from(["os", "mkdir", "numpy", "dtype"]).map(lambda one: bytes([len(one)]) + one.encode()),
    "U": st.sampled_from(["os", "mkdir"]).map(lambda one: bytes([len(one)]) + one.encode()),
    "C": st.just(b"\x02ab"),
    "h": st.integers(0, 4).map(lambda key: bytes([key])),
    "q": st.integers(0, 4).map(lambda key: bytes([key])),
    "j": st.integers(0, 4).map(lambda key: struct.pack("<I", key)),
    "r": st.integers(0, 4).map(lambda key: struct.pack("<I", key)),
    "K": st.integers(0, 3).map(lambda number: bytes([number])),
    "J": st.integers(-2, 300).map(lambda number: struct.pack("<i", number)),
    "\x82": st.just(b"\x07"),
}
BARE = "(012)]}tdlseuabRo\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94NQ"
"""Opcodes without an argument, the persistent id of the stack among them."""
OPCODE = st.one_of(
    st.sampled_from(BARE).map(lambda code: code.encode("latin-1")),
    st.sampled_from(sorted(ARGUMENTS)).flatmap(
        lambda code: ARGUMENTS[code].map(lambda argument: code.encode("latin-1") + argument)
    ),
)


def programs() -> st.SearchStrategy[bytes]:
    """Any sequence of opcodes, ended by STOP."""
    return st.lists(OPCODE, min_size=1, max_size=25).map(lambda parts: b"".join(parts) + b".")
