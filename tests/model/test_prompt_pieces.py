"""How many jobs a prompt becomes and which words each gets: braces and `--repeat`."""

import pytest

from engine.model.errors import InvalidInput
from engine.model.jobs import Mode
from engine.model.prompts import Plan, Purpose, Terms, check_pieces, count, expand


def refusal(prompt, **terms):
    with pytest.raises(InvalidInput) as caught:
        check_pieces(prompt, Terms(**terms))
    return str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("a fox", ["a fox"]),
        (" a  fox --ar 16:9\n", [" a  fox --ar 16:9\n"]),
        ("a {red, green} fox", ["a red fox", "a green fox"]),
        ("a { red fox ,hen}", ["a red fox", "a hen"]),
        ("{fox}", ["fox"]),
        ("{a, b} {1, 2}", ["a 1", "a 2", "b 1", "b 2"]),
        ("{a, b {1, 2}, {c, d}}", ["a", "b 1", "b 2", "c", "d"]),
        (r"a {red, pastel\, yellow} fox", ["a red fox", "a pastel, yellow fox"]),
        (r"\{a, b\} \, {c\}, d}", [r"\{a, b\} \, c\}", r"\{a, b\} \, d"]),
        (r"a \n {b, c}", [r"a \n b", r"a \n c"]),
        ("fox --ar {16:9, 1:1}", ["fox --ar 16:9", "fox --ar 1:1"]),
        ("fox --{v 7, niji 6}", ["fox --v 7", "fox --niji 6"]),
        ("fox {--fast, --turbo --raw}", ["fox --fast", "fox --turbo --raw"]),
        ("fox --repeat 2", ["fox", "fox"]),
        ("fox --r 2 --ar 1:1", ["fox --ar 1:1"] * 2),
        ("fox  --ar 1:1\n--repeat 2  ", ["fox  --ar 1:1  "] * 2),
        ("fox {a, b} --repeat 2", ["fox a", "fox a", "fox b", "fox b"]),
        ("fox --repeat 2 --repeat 2", ["fox", "fox"]),
    ],
)
def test_the_pieces_are_the_users_words(prompt, pieces):
    assert expand(prompt) == pieces
    assert count(prompt) == len(pieces)


def test_a_prompt_of_one_job_passes_unchanged():
    prompt = " a  fox, \\{red\\} --ar 16:9 "
    assert check_pieces(prompt) == [prompt]


@pytest.mark.parametrize("prompt", ["{a, b" * 3, "a}", "{a,,b}", "{}", "{ , a}"])
def test_braces_that_do_not_match_or_hold_nothing_are_refused(prompt):
    for of in (count, expand, check_pieces):
        with pytest.raises(InvalidInput, match="prompt has"):
            of(prompt)


@pytest.mark.parametrize(
    ("prompt", "number"),
    [
        ("{a, b}" * 6, "64"),
        ("{a, b}" * 900, "more than a million"),
        ("{" + "a, " * 40 + "a}", "41"),
        ("fox {a, b, c} --repeat 14", "42"),
    ],
)
def test_too_many_are_refused_whole_and_counted_before_they_are_built(prompt, number):
    said = refusal(prompt)
    assert number in said
    assert "at most 40" in said


@pytest.mark.parametrize(("plan", "most"), [(Plan.BASIC, 4), (Plan.STANDARD, 10), (Plan.PRO, 40), (Plan.MEGA, 40)])
def test_the_plan_says_how_many(plan, most):
    assert len(check_pieces(f"fox --repeat {most}", Terms(plan=plan))) == most
    assert str(most) in refusal(f"fox {{{', '.join('x' * (most + 1))}}}", plan=plan)


def test_a_plans_limit_is_named_with_the_plan():
    assert "at most 4 on the Basic plan" in refusal("{a, b, c, d, e}", plan=Plan.BASIC)


def test_a_lower_cap_of_the_caller_counts():
    assert "at most 3" in refusal("{a, b, c, d}", most=3)
    assert expand("{a, b, c}", most=3)


def test_one_wrong_piece_refuses_the_whole_and_is_named():
    said = refusal("fox --ar {1:1, 0:1}")
    assert "--ar 0:1" in said
    assert "'fox --ar 0:1'" in said
    assert "whole numbers" in said


def test_repeat_stands_outside_of_braces():
    assert "several jobs" in refusal("fox {--repeat 2, --raw}")
    assert "--repeat {2, 3}" in refusal("fox --repeat {2, 3}")


@pytest.mark.parametrize("repeat", ["--repeat", "--repeat 1", "--repeat 41", "--repeat two", "--r 2.0", "--repeat2"])
def test_a_wrong_repeat_is_named_with_its_range(repeat):
    said = refusal(f"fox {repeat}")
    assert repeat[:8] in said
    assert "2 to 40" in said


def test_two_repeats_that_differ_are_refused():
    assert "both --repeat 2 and --r 3" in refusal("fox --repeat 2 --r 3")


@pytest.mark.parametrize(
    ("prompt", "mode", "allowed"),
    [
        ("{a, b}", None, True),
        ("{a, b}", Mode.FAST, True),
        ("{a, b} --fast", Mode.RELAX, True),
        ("{a, b}", Mode.RELAX, False),
        ("{a, b} --relax", Mode.FAST, False),
        ("{a, b} --turbo", None, False),
        ("fox {--fast, --relax}", None, False),
        ("fox --repeat 2", Mode.RELAX, False),
        ("fox --repeat 2 --relax", None, False),
        ("fox --repeat 2 --turbo", Mode.RELAX, True),
        ("fox --relax", None, True),
    ],
)
def test_batches_run_in_fast_hours_and_repeat_in_turbo_too(prompt, mode, allowed):
    if allowed:
        assert check_pieces(prompt, Terms(mode=mode))
    else:
        said = refusal(prompt, mode=mode)
        assert "fast" in said
        assert "relax" in said or "turbo" in said


@pytest.mark.parametrize("purpose", [Purpose.REMIX, Purpose.CUSTOM_ZOOM, Purpose.ANIMATE])
def test_a_form_makes_one_job(purpose):
    assert "one job" in refusal("{a, b} --zoom 2", purpose=purpose)
    assert "--repeat 2" in refusal("a --zoom 2 --repeat 2", purpose=purpose)
