"""What holds for all rules and every text, and that judging costs in proportion to the text's length."""

from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.model.errors import InvalidInput
from engine.model.labels import Label
from engine.model.moderation import Kind, Rule, RuleBook, RuleDraft, Severity, WordList, checked, compiled
from engine.model.moderation.folding import normal_form, tokens_of
from engine.model.moderation.sheet import read, written
from tests.model.steps import steps_of

tried = settings(
    max_examples=int(os.environ.get("EASEL_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

BITS = [
    "fox",
    "nude",
    "Ä",
    "a\u0301",
    "\u0336",
    "\u200b",
    "\u00ad",
    "ﬁ",
    "ß",
    "ｶﾞ",
    "각",
    "裸体",
    "किता",
    "İ",
    "🍑",
    "ǭ",
]
BITS += [
    " ",
    "-",
    "_",
    ",",
    "::",
    "--no ",
    "--ar ",
    "https://a.b/c.png ",
    "{",
    "}",
    "|",
    "\\",
    "#",
    ":",
    "\u0323",
    "\u1ea1",
]
ANY_TEXT = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(BITS), max_size=20).map("".join))
TEXTS = st.one_of(st.text(max_size=20), st.lists(st.sampled_from(BITS), min_size=1, max_size=4).map("".join))


@st.composite
def drafts(draw):
    """A rule that can be, among those that are drawn."""
    word_list = draw(st.sampled_from(WordList))
    label = draw(st.sampled_from(Label)) if word_list is WordList.PREFILTER else None
    text = draw(TEXTS)
    allow = tuple(f"{draw(TEXTS)} {text} {draw(TEXTS)}" for _ in range(draw(st.integers(0, 2))))
    draft = RuleDraft(
        text=text,
        kind=draw(st.sampled_from(Kind)),
        word_list=word_list,
        label=label,
        severity=draw(st.sampled_from(Severity)),
        allow=allow,
    )
    try:
        return checked(draft)
    except InvalidInput:
        return RuleDraft(text="fox", word_list=word_list, label=label)


def judged(text, *rules):
    book = RuleBook(1, tuple(Rule(number, draft) for number, draft in enumerate(rules, start=1)))
    both = compiled(book)
    return both.judged(WordList.BLOCK, [text]) + both.judged(WordList.PREFILTER, [text])


@tried
@given(ANY_TEXT)
def test_the_normal_form_is_its_own_normal_form(text):
    form = normal_form(text)
    assert normal_form(form) == form


@tried
@given(ANY_TEXT)
@example("\u1f3b\u1b6c")  # a mark of a lower class stands between a letter and its own in the decomposed text
@example("\u1ff7\u1714")  # an iota below, which is no letter behind the next mark
def test_composed_and_decomposed_texts_are_one(text):
    assert normal_form(unicodedata.normalize("NFD", text)) == normal_form(unicodedata.normalize("NFC", text))


@tried
@given(ANY_TEXT)
def test_words_stand_in_the_text_in_order(text):
    told = 0
    for token in tokens_of(text):
        assert told <= token.start < token.end <= len(text)
        assert len(token.bare) == len(token.full) > 0
        told = token.start
    assert "\u200b" not in normal_form(text)


@tried
@given(drafts(), st.sampled_from(["", "a fox, ", "1 "]), st.sampled_from(["", " and more", ", 2"]))
def test_a_rule_finds_its_own_text(draft, before, after):
    bare = RuleDraft(text=draft.text, kind=draft.kind, word_list=draft.word_list, label=draft.label)
    (portion,) = [tokens_of(before + draft.text + after)]
    assert portion
    if "--" not in draft.text and "http" not in draft.text:
        assert judged(before + draft.text + after, bare).hits


@tried
@given(drafts())
def test_an_allow_phrase_passes_its_rule(draft):
    for phrase in draft.allow:
        if "--" not in phrase and "http" not in phrase:
            assert judged(phrase, draft).hits == ()


@tried
@given(st.lists(drafts(), max_size=5), ANY_TEXT)
def test_judging_any_text_quotes_it_briefly(rules, text):
    for hit in judged(text, *rules).hits:
        assert 0 < len(hit.words) <= 61
        assert hit.rule.says in rules


@tried
@given(st.lists(drafts(), max_size=5))
def test_a_sheet_of_rules_is_read_back_without_loss(rules):
    one_of_each = list({draft.sense: draft for draft in rules}.values())
    assert read(written(one_of_each)) == one_of_each


@tried
@given(ANY_TEXT)
def test_any_sheet_is_read_or_refused_by_line(text):
    try:
        found = read(text)
    except InvalidInput as refusal:
        assert "line " in str(refusal)  # noqa: PT017 - either answer is one
    else:
        assert read(written(found)) == found


# --- what it costs

HOSTILE_RULES = [
    *[RuleDraft(text="a" * n, kind=Kind.PREFIX) for n in range(1, 60)],
    *[RuleDraft(text="a" * n, kind=Kind.SUFFIX) for n in range(1, 60)],
    *[RuleDraft(text=" ".join("a" * n), kind=Kind.PHRASE, allow=(" ".join("a" * n + "b"),)) for n in range(2, 40)],
    RuleDraft(text="no a", kind=Kind.PHRASE),
]
SET = compiled(RuleBook(1, tuple(Rule(n, checked(draft)) for n, draft in enumerate(HOSTILE_RULES))))
WORST = {
    "one letter": lambda n: "a" * n,
    "one letter, apart": lambda n: "a " * n,
    "one letter, then another": lambda n: "a " * n + "b",
    "strokes": lambda n: "a" + "\u0336" * n,
    "marks in turns": lambda n: "a" + "\u0301\u0323" * n,
    "zero width": lambda n: "\u200b" * n + "a",
    "letters with strokes": lambda n: "a\u0336" * n,
    "one that is eighteen": lambda n: "ﷺ" * n,
    "no spaces": lambda n: "裸" * n,
    "jamo": lambda n: "\u1112\u1161\u11ab" * n,
    "wanted away": lambda n: "--no " + "a, " * n,
    "wanted away often": lambda n: "--no a " * n,
    "parameters": lambda n: "--ar a " * n,
    "links": lambda n: "https://a.b/c.png " * n,
    "links of parameters": lambda n: "fox --sref" + " https://a.b/c.png" * n,
    "braces": lambda n: "{a," * n,
    "dashes": lambda n: "-" * n,
}


def judge(text):
    return SET.judged(WordList.BLOCK, [text])


@pytest.mark.parametrize("worst", WORST.values(), ids=WORST)
def test_twice_the_length_costs_at_most_two_and_a_half_times_the_steps(worst):
    assert steps_of(judge, worst(400)) <= 2.5 * steps_of(judge, worst(200))
