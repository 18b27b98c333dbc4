"""Which values cannot be looked for in a text, because ordinary texts hold them too."""

import builtins
import keyword
import re

SHORTEST = 6
SHORTEST_NUMBER = 9
# What logs of Paddle, Python, pip, engines and this lab say without meaning anybody's secret.
_LOG_WORDS = """
__token__ abort absent access account actual address admin administrator alloc allocator anonymous answer apache argument
arguments array assert async attribute attributes average backend backward baidu batch before benchmark binary bisect
block boolean branch broadcast buffer builder bundle bytes cache called candidate catalogue change changed changeme
changes channel check checked client column command commit compare compile compiled complete computed config configuration
connect connection container containers context convert correct counter create created credentials cuda cudnn current
custom data debian debug default defaults delete device devices different digest dimension directory disable disabled
docker domain double download dropout dynamic element elements embedding empty enable enabled engine environment error
errors example exception executor expect expected explain export external failed failure false feature figure file files
filter final finished float float16 float32 float64 folder forward framework function functions global gradient graph
group guest hidden host image images import index inference infinity infra inputs install installed instance int32 int64
internal invalid isolate issue kernel kernels kwargs label layer layers length library license limit linear linux loader
loading local localhost login machine manager manylinux master matrix memory message metric minimum mirror missing mobile
model models module moment momentum monitor network nightly normal nothing numeric numpy oauth2 object observed occurred
offline onednn onnx opened operator operators option optional options oracle original output outputs package packages
paddle paddlepaddle parameter parameters parent passed password pattern permission phase pickle podman pooling postgres
predictor prefix prepare private problem process processor product program project prompt protobuf protocol provided proxy
public pypi python quantize random reader record redacted reference refused registry relative release releases remote
replay report repro request required reshape resource resources result results resume return returned reverse route runner
running runtime saved saver scenario scenarios schema script second seconds secret section segment sequence server service
session settings shape shared sigmoid signal signature silent simple single size softmax source stable standard start
started static status stderr stdout step storage store string structure success summary support supported sweep symbol
symptom system target tensor tensors testing thread threads timeout timing token tokens traceback training trial trials
true tuple type ubuntu unable unchanged unexpected unknown unsupported update upgrade usage user username valid value
values variable variables verdict version versions warning warnings weight weights wheel wheels windows worker workspace
wrong x-access-token zlib
"""
_WORDS = frozenset((*_LOG_WORDS.split(), *keyword.kwlist, *dir(builtins)))
# Whose hosts anybody's texts name: by the name that was registered, whatever stands before it.
_PUBLIC = re.compile(
    r"localhost|(?:[\w-]+\.)*(?:pypi|python|pythonhosted|debian|pytorch|conda|anaconda|npmjs|kernel|gnu)\.(?:org|io|com)"
    r"|(?:[\w-]+\.)*(?:github|githubusercontent|gitlab|gitee|bitbucket|docker|quay|ghcr|gcr|nvcr|ubuntu|bcebos)"
    r"\.(?:com|io|org)|(?:[\w-]+\.)*(?:paddlepaddle\.org\.cn|huggingface\.co|ecr\.aws|astral\.sh)"
    r"|(?:www|mirror)\.baidu\.com|mcr\.microsoft\.com|(?:www|developer|developer\.download|pypi)\.nvidia\.com"
)
LONGEST_WORD = 16
LONGEST_SYLLABLE = 8


def telling(value: str) -> bool:
    """Whether a value is so particular that where it stands in a text, it stands for itself."""
    if len(value) < SHORTEST or value.lower() in _WORDS or _PUBLIC.fullmatch(value.lower()):
        return False
    if not value.isalnum() and value.count(value[0]) == len(value):  # a line of dashes, zeros
        return False
    return not (re.fullmatch(r"[\d.,:+-]+", value) and len(value) < SHORTEST_NUMBER)


def telling_host(host: str) -> bool:
    """Whether a host is somebody's own: no public one, no bare word, and not this machine itself."""
    bare = host.strip("[]").lower()
    if _PUBLIC.fullmatch(bare) or re.fullmatch(r"127\.[\d.]+|0\.0\.0\.0|::1?", bare):
        return False
    return len(bare) >= SHORTEST and (any(mark in bare for mark in ".-:") or any(one.isdigit() for one in bare))


def wordlike(value: str) -> bool:
    """Whether a value could be a piece of a longer word or number, so that only the whole word counts."""
    plain = value.isalpha() or value.isdigit()
    return (plain and len(value) < LONGEST_WORD) or (value.isalnum() and len(value) < LONGEST_SYLLABLE)
