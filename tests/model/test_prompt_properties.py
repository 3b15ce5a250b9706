"""What holds for every prompt, and that reading one costs in proportion to its length."""

import pytest

from engine.model.errors import InvalidInput
from engine.model.prompts import check, check_pieces, count, expand, read_prompt
from engine.model.prompts.table import PARAMETERS
from tests.model.properties_of_prompts import PROPERTIES
from tests.model.steps import steps_of


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_it_holds_for_every_prompt(holds):
    holds()


def nested(depth):
    return "{" * depth + "a" + "}" * depth


WORST = {
    "asterisks": lambda n: "**" * n,
    "dashes with gaps": lambda n: " - " * n,
    "hyphens": lambda n: "-" * n,
    "hyphens as parameters": lambda n: "--" + " --" * n,
    "deep braces": lambda n: nested(n // 2),
    "deep braces with options": lambda n: "{a," * (n // 8) + "a" + "}" * (n // 8),
    "wide braces": lambda n: "{" + "a," * n + "a}",
    "many groups": lambda n: "{a}" * n,
    "many groups of two": lambda n: "{a,b}" * n,
    "open braces": lambda n: "{" * n,
    "closed braces": lambda n: "}" * n,
    "escapes": lambda n: "\\{\\," * n,
    "colons": lambda n: ":" * n,
    "colons and words": lambda n: "a::" * n,
    "weights": lambda n: "a::1 " * n,
    "flags": lambda n: "fox" + " --fast" * n,
    "needs": lambda n: "fox --sref 1" + " --sw 1" * n,
    "needs in turns": lambda n: "fox" + " --sref 1 --sw 1" * n,
    "dashes with a name": lambda n: "—arr " * n,
    "links": lambda n: "https://a.b/c.png " * n,
    "links and words": lambda n: "https://a.b/c.png " * n + "fox",
    "codes": lambda n: "fox --p" + " a1" * n,
    "lists": lambda n: "fox" + " --no a" * n,
    "repeats": lambda n: "fox" + " --repeat 2" * n,
    "letters of a name": lambda n: "fox --" + "a" * n,
    "digits": lambda n: "fox --seed " + "9" * n,
    "a long ratio": lambda n: "fox --ar " + "9" * n + ":1",
}


@pytest.mark.parametrize("work", [check, check_pieces, read_prompt, count, expand], ids=lambda work: work.__name__)
@pytest.mark.parametrize("worst", WORST.values(), ids=WORST)
def test_twice_the_length_costs_at_most_two_and_a_half_times_the_steps(worst, work):
    once, twice = worst(200), worst(400)
    assert steps_of(work, twice) <= 2.5 * steps_of(work, once)


@pytest.mark.parametrize(
    "text",
    [
        "**" * 1500,
        " - " * 1500,
        "-" * 6000,
        nested(3000),
        "{" * 6000,
        "{a," * 1500 + "a" + "}" * 1499,
        "{" + "a," * 2999 + "}",
        "{a,b}" * 1200,
        "--" * 3000,
        "9" * 6000 + "::" + "9" * 6000,
        "fox --seed " + "9" * 5900,
    ],
)
def test_the_worst_that_can_be_typed_gets_an_answer(text):
    for work in (read_prompt, check, check_pieces, count, expand):
        try:
            work(text)
        except InvalidInput as refusal:
            assert len(str(refusal)) < 1000  # noqa: PT017 - either answer is one


def test_one_option_nested_three_thousand_deep_is_one_job():
    assert count(nested(2999)) == 1
    assert expand(nested(2999)) == ["a"]


def test_the_forms_of_a_parameter_share_no_model_and_take_alike():
    for row in PARAMETERS:
        models = [model for form in row.forms for model in form.models]
        assert len(models) == len(set(models)), row.name
        assert len({form.kind.takes for form in row.forms}) == 1, row.name


def test_the_example_of_every_parameter_fits_its_own_form():
    for row in PARAMETERS:
        values = tuple(row.example.split())
        if values:
            assert any(not form.kind.problem(values) for form in row.forms), row.name
