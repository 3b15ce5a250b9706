"""What holds for every prompt, as plain functions; EASEL_EXAMPLES says with how many examples each is tried."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.errors import InvalidInput
from engine.model.prompts import check, check_pieces, count, expand, read_prompt, with_fields
from engine.model.prompts.table import BY_NAME, PARAMETERS

tried = settings(
    max_examples=int(os.environ.get("EASEL_EXAMPLES", "1000")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

PICTURE = "https://example.com/a.png"
BITS = st.sampled_from(
    [
        *[
            "fox",
            "a",
            "::",
            "::2",
            "::-1",
            "--",
            "—",
            "-",
            "{",
            "}",
            ",",
            "\\",
            "\\,",
            " ",
            "  ",
            "\n",
            "\u00a0",
            "**",
            "🦊",
        ],
        *["16:9", "7", "1e5", "１", PICTURE, f"<{PICTURE}>", "https://", "random", "\u200b", "<@1>", "@everyone"],
        *[f"--{name}" for name in BY_NAME],
    ]
)
JOINED = st.lists(BITS, max_size=30)
ANY_TEXT = st.one_of(st.text(max_size=100), JOINED.map("".join), JOINED.map(" ".join))
WORDS = ["a", "red", "fox,", "in", "снег", "🦊", "-", "–", "well--known", "3.5", "\\{hen\\}"]
SPEECH = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
FIT = ["--ar 16:9", "--chaos 5", "--s 0", "--seed 4294967295", "--no hen, cat", "--tile", "--raw", "--fast", "--public"]
FIT += ["--weird 3000", "--style raw", "--v 7", "--p", "--exp 100", "--q 4", "--draft", "--sref random 5::2"]
FITTING = st.lists(st.sampled_from(FIT), max_size=6)
LONGEST_REFUSAL = 1000
GAPS = st.sampled_from([" ", "  ", "\n", "\u00a0", " \t "])


@st.composite
def sendable(draw):
    """A prompt that can be sent, with gaps as people make them."""
    gap = draw(GAPS)
    links = draw(st.sampled_from([[], [PICTURE], [PICTURE, f"<{PICTURE}?a=1>"]]))
    return gap.join([*links, draw(SPEECH), *draw(FITTING)]) + draw(st.sampled_from(["", gap]))


def group(options):
    return "{" + ", ".join(options) + "}"


LEAF = st.sampled_from(["red", "a fox", "--raw", "x\\, y", "\\{z\\}", "16:9"])
FLAT = st.one_of(LEAF, st.lists(LEAF, min_size=1, max_size=3).map(group))
NEST = st.lists(st.lists(FLAT, min_size=1, max_size=2).map(" ".join), min_size=1, max_size=3).map(group)
DEEP = st.lists(st.one_of(LEAF, NEST), min_size=1, max_size=3).map(group)
REPEAT = st.sampled_from(["", " --repeat 2", " --r 3"])
TEMPLATES = st.tuples(st.lists(st.one_of(FLAT, NEST, DEEP), min_size=1, max_size=3).map(" ".join), REPEAT).map("".join)


@tried
@given(ANY_TEXT)
def reading_loses_nothing(text):
    """Every character is a gap or belongs to exactly one link, word or parameter, in the order of the text."""
    prompt = read_prompt(text)
    assert prompt.text is text
    spans = [(link.word.start, link.word.end) for link in prompt.images]
    spans += [(word.start, word.end) for word in prompt.words]
    spans += [(given_.start, given_.end) for given_ in prompt.given] + [
        (word.start, word.end) for word in prompt.strays
    ]
    told = 0
    for start, end in sorted(spans):
        assert told <= start < end
        assert not text[told:start].strip()
        told = end
    assert not text[told:].strip()
    for word in (*prompt.words, *prompt.strays, *(link.word for link in prompt.links)):
        assert text[word.start : word.end] == word.text
    for one in prompt.given:
        inside = text[one.start : one.end]
        assert inside.startswith(one.written)
        for value in one.values:
            assert value in inside


@tried
@given(ANY_TEXT)
def a_prompt_is_taken_unchanged_or_refused_by_name(text):
    """Whatever is typed, the answer is the same text, or a refusal that names its field and is short."""
    try:
        taken = check(text).text
    except InvalidInput as refusal:
        said, field = str(refusal), refusal.field
    else:
        said, field = "", "prompt"
        assert taken == text  # the reading of an equal text may be remembered
    assert field == "prompt"
    assert len(said) < LONGEST_REFUSAL


@tried
@given(sendable())
def a_sendable_prompt_passes_unchanged(text):
    assert check(text).text == text
    assert check_pieces(text) == [text]
    assert with_fields(text) is text


@tried
@given(TEMPLATES)
def the_count_is_the_length_of_the_expansion(text):
    number = count(text)
    if number <= 40:
        pieces = expand(text)
        assert len(pieces) == number
        assert all(count(piece) == 1 for piece in pieces)
    else:
        with pytest.raises(InvalidInput, match=f"{number}|more than a million"):
            expand(text)


@tried
@given(ANY_TEXT)
def counting_and_expanding_agree_on_any_text(text):
    try:
        number = count(text)
    except InvalidInput:
        with pytest.raises(InvalidInput):
            expand(text)
        return
    if number <= 40:
        assert len(expand(text)) == number


NAMES = st.text("abcdefghijklmnopqrstuvwxyz_-", min_size=1, max_size=20).map("x".__add__)


@tried
@given(sendable(), NAMES, st.integers(0, 5))
def an_unknown_parameter_is_always_refused_and_named(text, name, at):
    parameters = [given_.start for given_ in read_prompt(text).given]
    place = parameters[at] if at < len(parameters) else len(text)
    with pytest.raises(InvalidInput) as caught:
        check(f"{text[:place]} --{name} {text[place:]}")
    assert f"--{name}" in str(caught.value) or name[: len(name.rstrip("_-"))] in str(caught.value)


NUMBERS = st.one_of(
    st.integers(0, 5000).map(str),
    st.integers().map(str),
    st.decimals(allow_nan=False).map(str),
    st.floats().map(str),
    st.from_regex(r"[0-9.,eExX+-]{1,12}", fullmatch=True),
)
RANGES = st.sampled_from(
    [("chaos", 100, 0), ("stylize", 1000, 0), ("weird", 3000, 0), ("seed", 4294967295, 0), ("stop", 100, 10)]
)


@tried
@given(RANGES, NUMBERS)
def a_whole_number_passes_exactly_in_its_range(row, value):
    name, high, low = row
    right = re.fullmatch(r"[0-9]{1,20}", value) is not None and low <= int(value) <= high
    if right:
        assert check(f"fox --{name} {value}")
    else:
        with pytest.raises(InvalidInput) as caught:
            check(f"fox --{name} {value}")
        assert f"--{name}" in str(caught.value)


PROPERTIES = (
    reading_loses_nothing,
    a_prompt_is_taken_unchanged_or_refused_by_name,
    a_sendable_prompt_passes_unchanged,
    the_count_is_the_length_of_the_expansion,
    counting_and_expanding_agree_on_any_text,
    an_unknown_parameter_is_always_refused_and_named,
    a_whole_number_passes_exactly_in_its_range,
)

assert len(BY_NAME) == sum(len(row.names) for row in PARAMETERS), "a name stands twice in the table"
