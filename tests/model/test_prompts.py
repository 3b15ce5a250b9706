"""Which prompts can be sent: parameters, links, words, weights; every refusal says what, and what is allowed."""

from ipaddress import ip_network

import pytest

from engine.model.addresses import Reach
from engine.model.errors import InvalidInput
from engine.model.jobs import Mode
from engine.model.prompts import (
    Model,
    Plan,
    Purpose,
    Terms,
    check,
    check_pieces,
    read_prompt,
    with_fields,
    with_uploads,
)

PICTURE = "https://example.com/a.png"
OTHER = "http://example.com/b.WEBP?size=large&x=1"
ZERO_WIDTH = "\u200b\u2060\u3164\u2800\ufe0f"


def refusal(prompt, **terms):
    with pytest.raises(InvalidInput) as caught:
        check(prompt, Terms(**terms))
    assert caught.value.field == "prompt"
    return str(caught.value)


@pytest.mark.parametrize("place", ["{} a fox", "<{}>::2 a fox", "a fox --sref random {} 123", "a fox --oref {} --v 7"])
def test_a_link_that_nobody_outside_could_fetch_is_refused_wherever_it_stands(place):
    told = refusal(place.format("http://10.0.0.7/x.png"))
    assert "holds the address http://10.0.0.7/x.png, which is not on the public internet" in told
    assert "EASEL_ALLOW_NETWORKS" in told
    check(place.format("http://10.0.0.7/x.png"), Terms(reach=Reach(networks=(ip_network("10.0.0.0/8"),))))


@pytest.mark.parametrize(
    "prompt",
    [
        "a red fox",
        "a well--known fox",
        "the fox — the red one – sleeps - well",
        " a  fox \n--ar 16:9 ",
        "fox --ar 139:100",
        "fox --aspect 2:3 --v 4",
        "fox --chaos 0 --s 1000 --weird 3000 --stop 10 --seed 4294967295 --v 6.1",
        "fox --v 7.0 --raw --no background scenery, drop shadow, frame",
        "fox --niji --style raw",
        "fox --niji 5 --style scenic",
        "fox --q .25",
        "fox --q 0.50 --v 6",
        "fox --q 4 --v 7",
        "fox --tile --draft --turbo --stealth",
        "fox --no red --no green",
        "fox --ar 1:1 --aspect 1:1",
        f"{PICTURE} {OTHER}",
        f"<{PICTURE}> fox --iw 2.5",
        "<https://s.mj.run/abcDEF> fox --iw .5",
        f"{PICTURE} fox --sref random {OTHER}::2 123456::.5 --sw 0 --sv 6 --v 7",
        f"fox --cref {PICTURE} {OTHER} --cw 0 --niji 6",
        f"fox --oref {PICTURE} --ow 1000 --exp 100 --v 7 --q 2",
        "fox --p",
        "fox --profile m7f3 abc12::2",
        "fox --hd --v 8.1",
        "fox::2 hen::-.5, in snow",
        "fox:: hen",
        f"{PICTURE}::2 fox::-1",
        "fox::.6 --no hen",
        r"\{fox\}, hen \, snow",
        f"{PICTURE} running --video 1 --motion low --bs 2 --loop --raw --end {OTHER}",
        f"{PICTURE} --video",
        "@everyone <@123> fox",
        "🦊" * 6000,
    ],
)
def test_a_prompt_that_can_be_sent_passes_unchanged(prompt):
    assert check(prompt).text == prompt


@pytest.mark.parametrize(
    ("prompt", "named", "allowed"),
    [
        ("fox --foo 3", "--foo", "--ar, --chaos"),
        ("fox --stylise 3", "--stylise", "did you mean --stylize?"),
        ("fox ---ar 1:1", "---ar", "--ar"),
        ("fox -- ar 1:1", "-- without a name", "--ar"),
        ("fox --v5", "--v and 5", "5.2"),
        ("fox --ar16:9", "--ar and 16:9", "16:9"),
        ("fox --s=100", "--stylize and =100", "0 to 1000"),
        ("fox --niji6", "--niji and 6", "4, 5, 6, 7"),
        ("fox —ar 16:9", "—ar, which begins with an em dash instead of two hyphens", "--ar"),
        ("fox –v 5", "–v, which begins with an en dash", "5.2"),
        ("fox --ar 1:1 —v5", "—v5, which begins with an em dash", "5.2"),
        ("fox --no red —ar 1:1", "—ar", "--ar"),
        ("fox -–chaos 5", "-–chaos", "0 to 100"),
        ("fox --ar", "--ar without a value", "16:9"),
        ("fox --ar --v 7", "--ar without a value", "16:9"),
        ("fox --no", "--no without a value", "words"),
        ("fox --no , ,", "--no , ,", "words"),
        ("fox --sref", "--sref without a value", "random"),
        ("fox --oref", "--oref without a value", "one http(s) link"),
        ("fox --ar 16:9 dog", "dog behind --ar 16:9", "then parameters"),
        ("fox --raw dog --v 7", "dog behind --raw", "then parameters"),
        ("fox --stylize 1 000", "000 behind --stylize 1", "then parameters"),
        ("fox --ar 1:1 --ar 2:1", "both --ar 1:1 and --ar 2:1", "--ar once"),
    ],
)
def test_a_parameter_must_be_one_and_be_written_right(prompt, named, allowed):
    said = refusal(prompt)
    assert named in said
    assert allowed in said


@pytest.mark.parametrize("written", ["--AR 16:9", "--Ar 16:9", "--V 7", "--FAST", "--Repeat 2"])
def test_a_parameter_in_upper_case_is_refused_and_its_lower_case_named(written):
    name = written.split()[0]
    for refuse in (lambda: check(f"fox {written}"), lambda: check_pieces(f"fox {written}")):
        with pytest.raises(InvalidInput, match=f"^prompt has {name}, ") as caught:
            refuse()
        assert caught.value.allowed == name.lower()


@pytest.mark.parametrize(
    ("parameter", "allowed"),
    [
        ("--ar 0:1", "1:50 to 50:1"),
        ("--ar 1.39:1", "two whole numbers"),
        ("--ar 16", "two whole numbers"),
        ("--ar 51:1", "1:50 to 50:1"),
        ("--ar 10000:9999", "9999"),
        ("--ar 16:9:4", "two whole numbers"),
        ("--chaos 101", "0 to 100"),
        ("--chaos -1", "0 to 100"),
        ("--chaos +1", "0 to 100"),
        ("--c 1.5", "0 to 100"),
        ("--chaos 1e1", "0 to 100"),
        ("--chaos 0x10", "0 to 100"),
        ("--chaos 1_0", "0 to 100"),
        ("--chaos １０", "0 to 100"),
        ("--chaos ٣", "0 to 100"),
        ("--chaos ²", "0 to 100"),
        ("--s 1001", "0 to 1000"),
        ("--s 1,000", "0 to 1000"),
        ("--weird 3001", "0 to 3000"),
        ("--stop 9", "10 to 100"),
        ("--seed 4294967296", "0 to 4294967295"),
        ("--seed " + "9" * 5000, "0 to 4294967295"),
        ("--q 3", ".25, .5, 1, 2"),
        ("--q 1.", ".25, .5, 1, 2"),
        ("--style pretty", "raw"),
        ("--style RAW", "raw"),
        ("--sref Random", "random, a numeric code"),
        ("--v 9", "8.1"),
        ("--v 5.1.0", "8.1"),
        ("--v seven", "8.1"),
        ("--niji 8", "4, 5, 6, 7"),
        ("--niji 3", "4, 5, 6, 7"),
        ("--repeat 41", "2 to 40"),
        ("--r 1", "2 to 40"),
        ("--sref words", "random, a numeric code"),
        ("--sref 1.5", "random, a numeric code"),
        (f"--sref {PICTURE}::1e5", "random, a numeric code"),
        ("--cref fox", "http(s) links"),
        ("--cref https://", "http(s) links"),
        (f"--oref {PICTURE} {OTHER}", "one http(s) link"),
        ("--p m-1", "codes"),
        ("--no https://example.com", "no links"),
    ],
)
def test_a_value_out_of_range_is_refused_with_parameter_value_and_range(parameter, allowed):
    said = refusal(f"fox {parameter}")
    assert parameter[:60] in said
    assert allowed in said


@pytest.mark.parametrize(
    ("parameter", "model", "allowed"),
    [
        ("--ar 3:1", Model.V4, "1:2 to 2:1"),
        ("--s 5", Model.V3, "V4 to V8.1"),
        ("--weird 5", Model.V4, "V5 to V8.1"),
        ("--weird 5", Model.NIJI_4, "niji 5 to niji 7"),
        ("--stop 50", Model.V7, "V1 to V6.1"),
        ("--q .5", Model.V7, "1, 2, 4"),
        ("--q 4", Model.V6_1, ".25, .5, 1, 2"),
        ("--q 1", Model.V8, "V5 to V7"),
        ("--draft", Model.V8, "V7, V8.1"),
        ("--turbo", Model.V8_1, "V1 to V8"),
        ("--style cute", Model.NIJI_6, "raw"),
        ("--style cute", Model.V7, "raw"),
        ("--sref random", Model.V5_2, "V6 to V8.1"),
        (f"--cref {PICTURE}", Model.V7, "V6 to V6.1, niji 6"),
        (f"--oref {PICTURE}", Model.V6, "--oref on V7"),
        (f"--oref {PICTURE}", Model.NIJI_7, "--oref on V7"),
        ("--p", Model.V5, "V6 to V8.1"),
        ("--exp 5", Model.V6, "--exp on V7"),
        ("--hd", Model.V7, "V8 to V8.1"),
        ("--sd", Model.V7, "V8 to V8.1"),
    ],
)
def test_a_parameter_of_another_model_is_refused_by_the_prompts_version_or_the_accounts_default(
    parameter, model, allowed
):
    own = f"--niji {model.number}" if model.niji else f"--v {model.number}"
    for said in (
        refusal(f"fox {parameter}", model=model),
        refusal(f"fox {parameter} {own}"),
        refusal(f"fox {own} {parameter}"),
    ):
        assert parameter in said
        assert allowed in said


def test_the_range_of_a_style_version_follows_the_model():
    assert check("fox --sref random --sv 6 --v 7")
    assert "1 to 4" in refusal("fox --sref random --sv 6 --v 6")
    assert check("fox --sref random --sv 6")


def test_the_prompts_version_goes_before_the_accounts_default():
    assert check("fox --hd --v 8", Terms(model=Model.V7))
    assert check("fox --hd")


def test_where_no_version_is_known_one_model_must_take_all_of_it():
    assert "which no model takes together with --hd" in refusal(f"fox --hd --oref {PICTURE}")
    assert ":: weights" in refusal(f"fox::2 hen --oref {PICTURE}")


@pytest.mark.parametrize(
    ("prompt", "both"),
    [
        ("fox --v 7 --niji", ("--v 7", "--niji")),
        ("fox --niji 6 --version 6", ("--niji 6", "--version 6")),
        ("fox --fast --relax", ("--fast", "--relax")),
        ("fox --turbo --fast", ("--turbo", "--fast")),
        ("fox --stealth --public", ("--stealth", "--public")),
        ("fox --hd --sd", ("--hd", "--sd")),
        (f"fox --q 4.0 --oref {PICTURE} --v 7", ("--q 4.0", "--oref")),
    ],
)
def test_parameters_that_exclude_each_other_are_both_named(prompt, both):
    said = refusal(prompt)
    assert all(name in said for name in both)


@pytest.mark.parametrize(
    ("prompt", "needed"),
    [
        ("fox --iw 2", "image prompt"),
        ("fox --sw 100", "--sref"),
        ("fox --sv 4", "--sref"),
        ("fox --cw 100", "--cref"),
        ("fox --ow 100", "--oref"),
        ("--sref random", "words"),
        (f"{PICTURE} {OTHER} --sref random", "words"),
        ("fox --video", "picture"),
    ],
)
def test_a_parameter_that_needs_something_says_so(prompt, needed):
    assert needed in refusal(prompt)


@pytest.mark.parametrize("empty", ["--v 7", f"{ZERO_WIDTH} --v 7", f"{ZERO_WIDTH}::2 --ar 1:1"])
def test_words_are_needed_and_what_nobody_sees_is_no_word(empty):
    assert "no words" in refusal(empty)


def test_text_of_invisible_characters_is_empty():
    assert "no visible character" in refusal(ZERO_WIDTH)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (PICTURE, "one picture and no words"),
        (f"{PICTURE} --ar 1:1", "one picture and no words"),
        (f"fox {PICTURE}", f"the link {PICTURE} behind words"),
        (f"fox --raw {PICTURE}", f"the link {PICTURE} behind words or parameters"),
        (f"{PICTURE} fox <{OTHER}>", "behind words"),
        ("https://example.com/page fox", "https://example.com/page, which is no picture"),
        ("https:///a.png fox", "no picture"),
        ("http://[/a.png fox", "no picture"),
    ],
)
def test_links_to_pictures_stand_in_front(prompt, said):
    assert said in refusal(prompt)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("fox::1 hen::-1", "sum up to 0"),
        ("fox::.5 --no hen", "sum up to 0.0"),
        ("fox::0", "sum up to 0"),
        ("fox::1e5", "::1e5"),
        ("fox::+2", "::+2"),
        ("fox::２", "::２"),
        ("fox::1,000 hen", "::1,000"),
        (f"{PICTURE}::-2 fox", "sum up to -1"),
        ("fox::2 --v 7", "V7"),
        ("fox:: hen --v 7", "V7"),
    ],
)
def test_weights_are_plain_numbers_with_a_sum_above_nothing_and_not_on_v7(prompt, said):
    assert said in refusal(prompt)


@pytest.mark.parametrize("prompt", ["fox {a, b", "fox }", "fox {a, {b}", "fox {a,,b}", "fox {}", "fox --ar {1:1"])
def test_braces_that_do_not_match_or_hold_nothing_are_refused(prompt):
    assert "closed" in (said := refusal(prompt)) or "closes nothing" in said or "empty option" in said


@pytest.mark.parametrize("prompt", ["fox {a, b}", "fox {a}", "fox --repeat 3"])
def test_a_prompt_of_several_jobs_is_no_single_job(prompt):
    assert "several jobs" in refusal(prompt)


def test_a_prompt_holds_six_thousand_characters_counted_as_discord_counts():
    assert check("🦊" * 6000)
    assert "6001" in refusal("x" * 6001)


# --- what it is for ---


@pytest.mark.parametrize("parameter", ["--motion low", "--loop", "--bs 1", f"--end {PICTURE}"])
def test_video_parameters_belong_to_animate(parameter):
    assert f"{parameter}, which imagine does not take" in refusal(f"fox {parameter}")
    assert f"{parameter}, which remix does not take" in refusal(f"fox {parameter}", purpose=Purpose.REMIX)
    assert check(f"fox {parameter}", Terms(purpose=Purpose.ANIMATE))
    assert check(parameter, Terms(purpose=Purpose.ANIMATE))


@pytest.mark.parametrize("parameter", ["--ar 1:1", "--v 7", "--fast", "--seed 5", "--zoom 2", "--repeat 2"])
def test_animate_takes_no_other_parameter(parameter):
    assert parameter in refusal(f"fox {parameter}", purpose=Purpose.ANIMATE)
    assert "a video prompt does not take" in refusal(f"{PICTURE} fox --video {parameter}")


@pytest.mark.parametrize("zoom", ["1", "1.5", "2", "2.0"])
def test_custom_zoom_takes_one_to_two(zoom):
    assert check(f"fox --ar 16:9 --zoom {zoom}", Terms(purpose=Purpose.CUSTOM_ZOOM))


@pytest.mark.parametrize("parameter", ["", "--zoom", "--zoom 0.9", "--zoom 2.1", "--zoom 2x", "--zoom ２"])
def test_custom_zoom_without_a_zoom_from_one_to_two_is_refused(parameter):
    said = refusal(f"fox {parameter}", purpose=Purpose.CUSTOM_ZOOM)
    assert "--zoom" in said
    assert "1 to 2" in said


@pytest.mark.parametrize("purpose", [Purpose.IMAGINE, Purpose.REMIX, Purpose.ANIMATE])
def test_zoom_belongs_to_custom_zoom_only(purpose):
    said = refusal("fox --zoom 2", purpose=purpose)
    assert "--zoom 2" in said
    assert "custom zoom only" in said


def test_relax_belongs_to_every_plan_but_basic():
    said = refusal("fox --relax", plan=Plan.BASIC)
    assert "--relax, which the Basic plan does not include" in said
    assert "Standard and Pro and Mega" in said
    assert check("fox --relax", Terms(plan=Plan.STANDARD))
    assert check("fox --relax")


def test_stealth_belongs_to_the_plans_that_include_it():
    assert "Pro and Mega" in refusal("fox --stealth", plan=Plan.STANDARD)
    assert check("fox --stealth", Terms(plan=Plan.PRO))
    assert check("fox --stealth")


# --- what it says ---


def test_a_prompt_is_read_as_links_words_and_parameters():
    prompt = read_prompt(f"<{PICTURE}>  {OTHER}::2 a red  fox::2 in snow --Aspect 16:9 --no hen, cat --relax --niji")
    assert [(link.url, link.weight) for link in prompt.images] == [(PICTURE, ""), (OTHER, "2")]
    assert prompt.speech == "a red  fox::2 in snow"
    assert [(part.text, part.weight) for part in prompt.parts] == [("a red  fox", "2"), ("in snow", None)]
    assert [(given.name, given.value) for given in prompt.given] == [
        ("ar", "16:9"),
        ("no", "hen, cat"),
        ("relax", ""),
        ("niji", ""),
    ]
    assert (prompt.mode, prompt.model, prompt.video) == (Mode.RELAX, Model.NIJI_7, False)


def test_every_link_is_found_with_its_place():
    prompt = read_prompt(f"{PICTURE} fox --sref 5 <{OTHER}>::2 --oref {PICTURE}")
    found = [(link.url, link.parameter, prompt.text[link.word.start : link.word.end]) for link in prompt.links]
    assert found == [
        (PICTURE, "", PICTURE),
        (OTHER, "sref", f"<{OTHER}>::2"),
        (PICTURE, "oref", PICTURE),
    ]


@pytest.mark.parametrize(
    ("parameter", "model"),
    [
        ("--v 7.0", Model.V7),
        ("--version 8.1", Model.V8_1),
        ("--niji 5", Model.NIJI_5),
        ("--niji", Model.NIJI_7),
        ("--v 99", None),
        ("", None),
    ],
)
def test_a_prompt_names_its_model(parameter, model):
    assert read_prompt(f"fox {parameter}").model is model


# --- fields of a request ---


@pytest.mark.parametrize(
    ("prompt", "fields", "sent"),
    [
        ("fox", {}, "fox"),
        ("fox ", {}, "fox "),
        ("fox", {"mode": Mode.RELAX}, "fox --relax"),
        ("fox ", {"aspect": "16:9", "mode": Mode.TURBO}, "fox --ar 16:9 --turbo"),
        ("fox --no hen", {"aspect": "16:9"}, "fox --no hen --ar 16:9"),
        ("fox --ar 16:9 --fast", {"aspect": "16:9", "mode": Mode.FAST}, "fox --ar 16:9 --fast"),
        ("fox {red, green}", {"aspect": "1:1"}, "fox {red, green} --ar 1:1"),
    ],
)
def test_fields_join_the_words_at_the_end_and_are_not_said_twice(prompt, fields, sent):
    assert with_fields(prompt, **fields) == sent


@pytest.mark.parametrize(
    ("prompt", "fields", "field", "said"),
    [
        ("fox --relax", {"mode": Mode.FAST}, "mode", ("fast", "--relax")),
        ("fox --aspect 1:1", {"aspect": "16:9"}, "aspect", ("16:9", "--aspect 1:1")),
        ("fox --ar {1:1, 3:2}", {"aspect": "16:9"}, "aspect", ("16:9", "--ar {1:1, 3:2}")),
        ("fox", {"aspect": "0:1"}, "aspect", ("0:1", "1:50 to 50:1")),
        ("fox", {"aspect": "1:1 --v 7"}, "aspect", ("1:1 --v 7", "two whole numbers")),
        ("fox", {"aspect": ""}, "aspect", ("''", "two whole numbers")),
    ],
)
def test_a_field_that_is_wrong_or_contradicts_the_prompt_is_refused_with_both(prompt, fields, field, said):
    with pytest.raises(InvalidInput) as caught:
        with_fields(prompt, **fields)
    assert caught.value.field == field
    assert all(words in str(caught.value) for words in said)


def test_an_upload_takes_the_place_of_its_link_and_nothing_else_changes():
    prompt = read_prompt(f"<{PICTURE}>::2 {OTHER}  a  fox --sref {PICTURE}::3 5 --no hen")
    sent = with_uploads(prompt, {PICTURE: "https://cdn.example.com/up.png"})
    up = "https://cdn.example.com/up.png"
    assert sent == f"<{up}>::2 {OTHER}  a  fox --sref {up}::3 5 --no hen"
    assert with_uploads(prompt, {}) == prompt.text
