#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the *_goldens.inc beside it: what fastai's text classifier says about texts of several lengths, and what
its rules make of texts.

    python tests/text/make_goldens.py        (needs torch and fastai)
"""
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
here = Path(__file__).parent
sys.path.insert(0, str(here.parent / "vision"))
import fastai
import torch
from fastai.text.all import *
from formula import fill

made_by = f"// SPDX-License-Identifier: MIT\n// Made by tests/text/make_goldens.py with fastai {fastai.__version__}.\n"


def numbers(x):
    return "{" + ", ".join(f"{v:.7g}" for v in x.flatten().tolist()) + "}"


def classifier():
    """Windows of 4 words: whole ones of padding stand in front, what remains behind."""
    config = dict(awd_lstm_clas_config, emb_sz=8, n_hid=12, n_layers=2)
    net = get_text_classifier(AWD_LSTM, 20, 3, seq_len=4, config=config, drop_mult=0, max_len=8)
    fill(net, lambda name: name.replace("encoder_dp.emb", "encoder").replace("1.layers.", "1."))
    words = torch.tensor([[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
                          [1, 1, 1, 1, 5, 6, 7, 8, 9, 10, 11, 1],
                          [1, 1, 1, 1, 1, 1, 1, 1, 5, 6, 7, 1]])
    with torch.no_grad():
        for p in net[0].parameters(): p.mul_(5)
        scores, raw, out = net(words)
        change = raw[:, 1:] - raw[:, :-1]
        return (f"const std::vector<double> kScores = {numbers(scores)};\n"
                f"const std::vector<double> kStates = {numbers(out[:, :, 0])};  // the first of each word's\n"
                f"const double kActivation = {out.pow(2).mean():.7g}, kChange = {change.pow(2).mean():.7g};\n")


TEXTS = [
    "I'M SHOUTING a lot, and I'm not", "The U.S. and NASA's Jean-Paul, A. B. Smith", "A, B and C; (The) \"End\"",
    "McDonald IBM-PC X Y2K 3D R2-D2 AT&T", "ABC\u00c9 \u00c9COLE \u00c9cole Stra\u00dfe STRA\u00dfE",
    "GOOD\nMORNING\tWorld\u00a0Wide", "na\u00efve CAF\u00c9S \u0394\u0395\u039b\u03a4\u0391 \u041c\u043e\u0441\u043a\u0432\u0430 \u0141\u00f3d\u017a",
    "word word word word word ", "ah ah", "ah ah ah", "a-b b b c", "a a a-b", "a a ab a a", "say: no no no!", "x\nno no no no\ny",
    "a a a b b b", "one one one, one one one", "caf\u00e9 caf\u00e9 caf\u00e9 caf\u00e9s", "b\u2014b b b", "no  no\n no",
    "cccc!!! and ???? ooooh", "aa  bb   cc", "\u2026\u2026\u2026 \u00e9\u00e9\u00e9\u00e9 a\u00a0\u00a0\u00a0b", "www.fast.ai/INDEX ///", "1000000",
    "It&#39;s &lt;b&gt;bold&lt;/b&gt; &amp; &quot;so&quot;", "caf&#233; caf&#xE9; caf&eacute; caf&eacute",
    "&#8364;5 &euro;5 &#128;5 &pound;5 &notit; &notin; &hearts;", "&nosuch; & &# &#; &#x; &; &#1; &#0; &#xD800; &#99999999999;",
    "&copy;   Fast.ai www.fast.ai/INDEX", "a<br />b\\n c \\\" <unk> 3 @.@ 5 well @-@ known...", "  The END  \n", "#42 a/b\\c",
    "a a\ta\u0301!", "e\u0301t\u00e9 e\u0301t\u00e9 e\u0301t\u00e9", "no no no\uff01 \u65e5\u3005 \u65e5\u3005 \u65e5\u3005",
    "", " ", "A", "I'll say: It's OK", "&AMP; &LT; &apos; &apos &Alpha;&omega;",
]


def literal(text):
    return '"' + "".join(c if 32 <= ord(c) < 127 and c not in '"\\?' else
                         "".join(f"\\{b:03o}" for b in c.encode()) for c in text) + '"'


def rules():
    def all_rules(text):
        for rule in defaults.text_proc_rules: text = rule(text)
        return text
    rows = [f"    {{{literal(t)}, {literal(all_rules(t))}}}," for t in TEXTS]
    return "\n".join(["const std::pair<const char*, const char*> kRuled[] = {", *rows, "};\n"])


(here / "rules_goldens.inc").write_text(made_by + "// clang-format off\n" + rules())
(here / "classifier_goldens.inc").write_text(made_by + "// clang-format off\n" + classifier())
