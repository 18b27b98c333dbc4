"""How people say that a release works or fails, that they went from one to another, and which one wrote a model."""

import re

_VERB = (
    r"(?:work|load|run|open|start|support|import|read|exist|match|agree|infer|converge|compile|export|save"
    r"|find|accept|parse|build)"
)
WORDS = re.compile(
    rf"(?P<unbad>\bno (?:more )?(?:such |python )?(?:errors?|problems?|issues?|crash(?:es)?|failures?"
    rf"|exceptions?|difference)\b"
    rf"|\bwithout (?:any |an? )?(?:errors?|problems?|issues?|crash(?:es|ing)?|failures?|exceptions?|trouble)\b"
    rf"|(?:\b(?:does|do|did|is|was|are) not|n['’]t) (?:\w+ )?(?:crash|fail|happen|occur|segfault|hang"
    rf"|reproduc\w*|appear|affected|show)\b"
    rf"|\b(?:never (?:does|did)|(?:does not|did not|doesn['’]t|didn['’]t) (?:do|have)) (?:that|this|so|it)\b"
    rf"|\b(?:cannot|can['’]t|could not|couldn['’]t|unable to) reproduce\b|(?:无法|不能|未能?|没有?)复现"
    rf"|\bnever (?:crash|fail|hang|happen)(?:e[sd]|ed|s)?\b"
    rf"|(?:没有?|未|无|不会?再?|不再|并未|并不)(?:任何|再|出现|有|遇到|发生|发现|这个|该|此|类似|什么)*(?:问题|报错|错误|异常|崩溃?|出错|卡死|段错误|毛病|失败|bug|此现象|该现象)"
    rf"|没事|不崩|无误)"
    rf"|(?P<ungood>(?:\b(?:does|do|did|is|are|was|were|can|could|will|would|has|have) not|\bcannot|n['’]t"
    rf"|\bnot|\bno longer|\bunable to|\bnever"
    rf"|\bfail(?:s|ed)? to|\bstop(?:s|ped)) (?:be |been |even |longer |anymore )?(?:\w+ )?{_VERB}(?:s|ed|ing|able)?\b"
    rf"|\bcannot be \w+|\bnot (?:ok|okay|good|correct|fine|possible|usable|equal|the same)\b"
    rf"|不(?:能|行|正常|可用|支持|一致|对|通过|兼容|正确|可以|work|了)|无法|没法|没办法|(?:打不开|加载不了|用不了|跑不了|读不了|对不上|跑不起来|起不来)|(?:有|出|出现"
    rf"|存在)(?:了)?问题|未能)"
    rf"|(?P<bad>\b(?:fail(?:s|ed|ing|ures?)?|broken?|break(?:s|ing)?|broke|crash(?:es|ed|ing)?|errors?"
    rf"|rais(?:es?|ed|ing)|throws?|threw|segfaults?|"
    rf"segmentation fault|dies|died|dead|bad|wrong|incorrect|hang(?:s|ing)?|hung|stuck|exceptions?|ng"
    rf"|differs?|different|mismatch\w*|nan|"
    rf"affected|regress\w*|out of memory|oom|core dumped|refuses?|refused|rejects?|complains?|aborts?"
    rf"|aborted|buggy|garbage)\b|\b\w+(?:Error|Exception)\b"
    rf"|\bSIG[A-Z]{{3,4}}\b|\billegal instruction\b|报错|错误|失败|异常|崩|挂了|挂掉|卡住|卡死|闪退|非法指令|抛|出错|爆显存|显存不足|内存不足"
    rf"|\bconfirmed\b|\breproduc(?:ed|es|ible)\b|(?:能够?|可以?|稳定|也|已|同样|均|都)复现|进程退出|(?:exit(?:ed)?(?: with)?(?: code| status)?|退出码|返回码)[ :：=为]*-?[1-9]\d*"
    rf"|❌|✗|✘|✖|👎|🔴|×)"
    rf"|(?P<fix>\b(?:fix(?:es|ed)?|solv(?:es|ed)|resolv(?:es|ed)|cure[sd]?|help(?:s|ed))\b|解决|修复|恢复)"
    rf"|(?P<good>\b(?:work(?:s|ed|ing)?|fine|ok|okay|good|pass(?:es|ed)?|succeed(?:s|ed)?|success(?:ful"
    rf"|fully)?|correct(?:ly)?|(?:all|is|was|runs?|goes|went) well|"
    rf"(?:runs?|loads?|opens?|ran|loaded) (?:there|fine|well|for|ok|correctly|normally|perfectly)"
    rf"|normal(?:ly)?|perfect(?:ly)?|stable)\b"
    rf"|\bidentical\b|\bsane\b|\bplausible\b|\b(?:gives?|gave|prints?|printed|returns?|returned|produces?) (?:the |correct |right |same |expected |good )+"
    rf"(?:results?|outputs?|numbers?|values?|answers?|boxes|predictions?)\b"
    rf"|正常|可以(?!复现|确定|看到|肯定|发现)|能(?=跑|用|加载|运行|打开|推理|正常|读|够)|成功|正确|可用|通过|良好|没毛病|OK|✅|✔|✓|√|👍|🟢)",
    re.IGNORECASE,
)
PATH = re.compile(r"[\w.~-]{0,200}[/\\][\w./\\~-]{0,200}", re.ASCII)
ENDS = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)[.!?](?=\s|$)|[。！？；;]|\s[-\u2013\u2014]{1,2}\s(?=[A-Z])")
COMMAS = re.compile(
    r"[,，、:：\n(（)）]|\b(?:but|while|whereas|however|although|yet)\b|但是?|然而|却|而", re.IGNORECASE
)
BETWEEN = re.compile(
    r"[\s`'\"*_v)]*(?:[,，、/&|+]|\band\b|\bor\b|和|与|及|以及|或者?|,\s*and\b)*[\s`'\"*_(v]*(?:paddle\w*)?[\s=:]*",
    re.IGNORECASE,
)
TO = re.compile(
    r"[\s`'\"*)]*(?:版本?|的?模型)?[\s`'\"*]*(?:(?:and )?(?:then )?(?:upgraded? )?(?:back )?to\b|[-=]+>|→|➜|➡|⇒|"
    r"(?:直接)?(?:升级|升|更新|换|切换|迁移|降级|降|回退|改|变)?(?:到|至|成|为)|与|and\b|vs\.?)[了]?[\s`'\"*(v]*(?:paddle\S{0,14}?)?[\s=:]*v?",
    re.IGNORECASE,
)
PAIR = re.compile(
    r"(?:between|from)[\s`'\"*v]*(?:paddle\S{0,16}?)?[\s=:v]*$|从[\s`'\"*]*(?:paddle\S{0,16}?)?[\s=:v]*$", re.IGNORECASE
)
UP = re.compile(
    r"\b(?:upgrad\w*|updat\w*|migrat\w*|bump\w*|switch\w*|mov(?:ed|ing)|chang\w*|since)\b|升级|更新|升到|换成|换到|迁移|切换",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(?:downgrad\w*|roll(?:ed|ing)?[ -]?back|revert\w*|go(?:ing)? back|went back)\b|降级|回退|回滚|退回|降到|退到",
    re.IGNORECASE,
)
REACHED = re.compile(
    r"(?:\b(?:upgrad\w*|updat\w*|migrat\w*|bump\w*|switch\w*|mov\w+)\b[^.;\n]{0,30}?\bto|(?:升级|更新|升|换|切换"
    r"|迁移)(?:到|至|成|为)?(?:了)?)"
    r"[\s`'\"*v]*(?:paddle\S{0,16}?)?[\s=:v]*$",
    re.IGNORECASE,
)
FLAG = re.compile(r"FLAGS_|\bflag\b|disable_mkldnn|workaround|绕过|开关", re.IGNORECASE)
SAVE = re.compile(
    r"(?<![\w.])(?:sav(?:ed?|es|ing)|export(?:ed|s|ing)?(?! \w+=)|train(?:ed|ing)?|wrote|writes|written"
    r"|produced|dumped|(?:models?|checkpoints?|weights|params|parameters|files?) (?:of|from|by))(?![\w(.])"
    r"|保存|导出|训练|转换出",
    re.IGNORECASE,
)
SAVED_BY = re.compile(
    r"[\s`'\"*)]*(?:版本?)?(?:的|所|里|中|下|上)?[\s]*(?:models?\b|模型|exports?\b|保存|导出|训练|wrote\b|saved\b|exported\b"
    r"|[(,] ?(?:where|which|that|in which|with which)(?: \w+){0,3} (?:saved|exported|trained|wrote|written)\b)",
    re.IGNORECASE,
)
MODEL_OF = re.compile(
    r"\b(?:models?|checkpoints?|weights|params|parameters|files?) (?:of|from|by) (?:paddle\S{0,16} ?)?v?$",
    re.IGNORECASE,
)
BEFORE = re.compile(
    r"(?:\b(?:before|prior to|earlier than|older than)|早于|低于)[\s`'\"*]*(?:paddle\S{0,16} ?)?v?$", re.IGNORECASE
)
BEHIND_IT = re.compile(r"[\s`'\"*]*(?:版本?)?(?:之前|以前)")
SHOWS = re.compile(
    r"(?:\b(?:get|got|gets|see|saw|gives?|says?|shows?|prints?)|得到|出现|提示|如下)[ \t:：]*[\s>]*$", re.IGNORECASE
)
NO = re.compile(r"[:：|=-][ \t]*(?:no|not? affected|unaffected|否)\b", re.IGNORECASE)
SUCH = re.compile(r"[ \t]*(?:e\.g\.|i\.e\.|such as|for (?:example|instance)|例如|比如)", re.IGNORECASE)
CONTINUED = re.compile(r"[ \t]*(?:in|on|with|under|by|using)\b|[ \t]*[在用]")
THROWN = re.compile(r"[ \t>]*(?:E +)?[\w.]{0,80}(?:Error|Exception)\b")
BUT = re.compile(r"(?:\b(?:but|however|yet)|但是?|然而|却)$", re.IGNORECASE)
MODEL = re.compile(r"[\s`'\"*)]{0,9}版?本?的?[ ]?(?:models?\b|模型)", re.IGNORECASE)
LOAD = re.compile(
    r"(?<![\w.])(?:load(?:s|ed|ing)?|open(?:s|ed|ing)?|run(?:s|ning)?|ran|infer\w*|read(?:s|ing)?"
    r"|deploy\w*)(?![\w(.])|加载|推理|部署|运行|读取|预测|打开",
    re.IGNORECASE,
)
LABEL = re.compile(r"[ \t]*(?:#{1,6}[^\n]*|[^\n]{0,60}[:：?？][ \t*]*)")
ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,2}[.)、）]|[（(]\d[)）])[ \t]*\S|[ \t>]*\||[ \t]*#{1,6} ")
