"""Which words a rule finds, which it leaves alone, and what can be a rule."""

from __future__ import annotations

import pytest

from engine.model.errors import InvalidInput
from engine.model.labels import Label
from engine.model.moderation import Kind, Rule, RuleBook, RuleDraft, Severity, WordList, checked, compiled, plain_rule
from engine.model.moderation.defaults import default_rules
from engine.model.moderation.folding import normal_form
from engine.model.moderation.judging import Hit, Verdict, told
from engine.model.moderation.sheet import read, written


def rule(text, kind=Kind.WORD, *allow, **more):
    return RuleDraft(text=text, kind=kind, allow=allow, **more)


def verdict(text, *rules, word_list=WordList.BLOCK):
    book = RuleBook(1, tuple(Rule(number, checked(draft)) for number, draft in enumerate(rules, start=1)))
    return compiled(book).judged(word_list, [text])


def found(text, *rules):
    return list(verdict(text, *rules).words)


# --- a whole word, however it is written


@pytest.mark.parametrize(
    "written_as",
    [
        "nude",
        "NUDE",
        "Nude",
        "ｎｕｄｅ",
        "𝐧𝐮𝐝𝐞",
        "ⓝⓤⓓⓔ",
        "nu\u200bde",
        "n\u00adu\u00add\u00ade",
        "n\u2066ude",
        "nu\ufe0fde",
        "nu\U000e0065de",
        "nu\u0007de",
        "n\u0336u\u0336d\u0336e",
        "nüdé",
        "nu\u0301de",
        "n\u0338\u0328\u031bu\u0335\u0359d\u0323e",
    ],
)
def test_a_word_is_found_however_it_is_dressed_and_named_as_it_was_written(written_as):
    assert found(f"a {written_as} woman", rule("nude")) == [written_as]


@pytest.mark.parametrize("text", ["denude the hill", "nudes", "nudibranch", "nudé1", "a nu de woman", "nu.de"])
def test_a_word_inside_another_is_another(text):
    assert found(text, rule("nude")) == []


@pytest.mark.parametrize("text", ["nude", "(nude)", "nude::2 fox", "**nude**", "nude_girl", "semi-nude", "{nude, red}"])
def test_signs_end_a_word(text):
    assert found(text, rule("nude")) == ["nude"]


def test_a_letter_with_a_mark_of_its_own_is_meant_with_it():
    assert found("schwul", rule("schwül")) == []
    assert found("SCHWÜL und schwu\u0308l", rule("schwül")) == ["SCHWÜL"]
    assert found("моим", rule("моим")) == ["моим"]
    assert found("мой", rule("мои")) == []


def test_what_shares_a_letter_with_a_banned_word_is_allowed_by_name():
    assert found("feliz año", rule("ano")) == ["año"]
    assert found("feliz año", rule("ano", Kind.WORD, "año")) == []
    assert found("feliz ano", rule("ano", Kind.WORD, "año")) == ["ano"]


def test_letters_that_are_two_compare_as_two():
    assert found("Straße", rule("strasse")) == ["Straße"]
    assert found("ﬁlth", rule("filth")) == ["ﬁlth"]
    assert found("ﾊﾞｶ", rule("バカ")) == ["ﾊﾞｶ"]


def test_scripts_without_spaces_are_searched_letter_by_letter():
    assert found("一个裸体女人", rule("裸体")) == ["裸体"]
    assert found("หญิงเปลือย", rule("เปลือย")) == ["เปลือย"]


def test_vowel_signs_are_letters():
    assert found("किताब", rule("कताब")) == []
    assert found("किताब", rule("किताब")) == ["किताब"]


# --- kinds and allow-phrases


def test_a_phrase_is_whole_words_whatever_divides_them():
    phrase = rule("naked woman", Kind.PHRASE)
    for text in ("naked woman", "Naked  Woman", "naked-woman", "naked\nwoman", "naked_woman"):
        assert found(f"a {text}, please", phrase) == [" ".join(text.split())]
    assert found("naked women", phrase) == found("naked, woman", phrase) == found("snaked woman", phrase) == []


def test_a_prefix_begins_a_word_and_a_suffix_ends_one():
    assert found("nudity nudibranch nud denude", rule("nud", Kind.PREFIX)) == ["nudity"]
    assert verdict("denude", rule("nud", Kind.PREFIX)).hits == ()
    assert found("softporn pornography", rule("porn", Kind.SUFFIX)) == ["softporn"]
    assert found("Ｎüdity", rule("nud", Kind.PREFIX)) == ["Ｎüdity"]


def test_inside_an_allow_phrase_a_word_does_not_count():
    naked = rule("naked", Kind.WORD, "naked eye", "naked mole rat")
    assert found("to the naked eye a Naked Mole-Rat", naked) == []
    assert found("naked eye, then naked", naked) == ["naked"]
    assert found("naked, eye", naked) == ["naked"]
    assert found("with naked eyes", naked) == ["naked"]


def test_an_allow_phrase_spares_its_own_rule_alone():
    assert found("blood moon", rule("blood", Kind.WORD, "blood moon"), rule("moon")) == ["moon"]
    assert found("blood moon", rule("blood", Kind.WORD, "blood moon"), rule("blood moon", Kind.PHRASE)) == [
        "blood moon"
    ]


def test_each_rule_is_found_once_in_the_order_of_the_text():
    hits = verdict("b a b a", rule("a"), rule("b"), rule("c"))
    assert [hit.rule.id for hit in hits.hits] == [2, 1]


# --- what of a prompt is judged


NUDE = rule("nude")


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/nude.png a fox",
        "<https://a.example/nude/x.jpg?nude=1> a fox",
        "a fox --cref https://nude.example/nude.png",
        "a fox --no nude",
        "a fox --no hat, nude --ar 1:1",
    ],
)
def test_addresses_of_pictures_and_what_is_wanted_away_do_not_count(text):
    assert found(text, NUDE) == []


@pytest.mark.parametrize(
    "text",
    [
        "a fox https://nude.example/nude",
        "https://a.example/c.png nude",
        "a fox --ar nude",
        "a fox --p nude",
        "a fox --nude",
        "a fox --ar 1:1 nude",
        "a fox --no hat --tile nude",
        "a fox --sref nude",
    ],
)
def test_what_stands_elsewhere_is_words(text):
    assert [word.lower() for word in found(text, NUDE)] == ["nude"]


def test_a_value_that_the_table_knows_is_no_word():
    raw = rule("raw")
    assert found("a fox --style raw --raw --motion low", raw, rule("low")) == []
    assert found("raw meat --style raw", raw) == ["raw"]


def test_a_rule_that_begins_with_no_speaks_of_what_is_wanted_away():
    rules = rule("no clothes", Kind.PHRASE), rule("clothes")
    assert found("a fox --no clothes", *rules) == ["--no clothes"]
    assert found("a fox --no hat, clothes", *rules) == ["--no clothes"]
    assert found("a fox, no clothes", *rules) == ["no clothes", "clothes"]
    assert found("a fox", rule("--no clothes", Kind.PHRASE)) == []
    assert found("a fox --no clothes", rule("--no clothes", Kind.PHRASE)) == ["--no clothes"]


def test_a_phrase_does_not_reach_over_a_parameter():
    phrase = rule("red fox", Kind.PHRASE)
    assert found("red --ar 1:1 fox", phrase) == []
    assert found("https://a.example/red.png red fox", phrase) == ["red fox"]


# --- the two lists


def test_a_list_judges_by_its_own_rules():
    rules = rule("nude"), rule("damn", word_list=WordList.PREFILTER, label=Label.PROFANITY, severity=Severity.LOW)
    assert verdict("nude, damn", *rules).words == ("nude",)
    filtered = verdict("nude, damn", *rules, word_list=WordList.PREFILTER)
    assert (filtered.words, filtered.labels, filtered.severity) == (("damn",), (Label.PROFANITY,), Severity.LOW)


def test_verdicts_add_up_without_repeating_a_rule():
    one, two = Hit(Rule(1, rule("a")), "A"), Hit(Rule(2, rule("b")), "b")
    assert Verdict((one,)) + Verdict((two, Hit(Rule(1, rule("a")), "a"))) == Verdict((one, two))


def test_many_words_are_counted_not_listed():
    assert told(["a", "b"]) == '"a", "b"'
    assert told([str(n) for n in range(12)]).endswith('"9" and 2 more')


# --- what can be a rule


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (rule(""), "text"),
        (rule(" \u200b "), "text"),
        (rule("--"), "text"),
        (rule("..."), "text"),
        (rule("a b"), "text"),
        (rule("a b", Kind.PREFIX), "text"),
        (rule("a-b", Kind.SUFFIX), "text"),
        (rule("x" * 101), "text"),
        (rule("a\0b"), "text"),
        (rule("a\ud800"), "text"),
        (rule("a", label=Label.INSULT), "label"),
        (rule("a", word_list=WordList.PREFILTER), "label"),
        (rule("a", Kind.WORD, "b"), "allow"),
        (rule("a", Kind.WORD, "ab"), "allow"),
        (rule("a", Kind.WORD, "a " + "b" * 100), "allow"),
        (rule("a", Kind.WORD, *(f"a {n}" for n in range(51))), "allow"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_by_its_field(draft, field):
    with pytest.raises(InvalidInput) as caught:
        checked(draft)
    assert caught.value.field == field


def test_a_bare_entry_is_a_word_or_a_phrase():
    assert plain_rule(" nude ") == RuleDraft(text="nude", kind=Kind.WORD)
    assert plain_rule("naked  woman") == RuleDraft(text="naked woman", kind=Kind.PHRASE)
    assert plain_rule("🍑").is_plain


def test_words_of_one_sense_are_one_rule():
    assert rule("Nude").sense == rule("nude", Kind.PHRASE).sense == rule("ｎude").sense
    assert rule("nude").sense != rule("nudé").sense
    assert rule("nude").sense != rule("nude", Kind.PREFIX).sense


def test_the_normal_form_is_one_line_of_folded_words():
    assert normal_form("  Semi-NUDE\tﬁgures ") == "semi nude figures"


# --- rules as text


def test_a_sheet_of_rules_is_read_as_its_remarks_say():
    text = (
        "# ours\n\nnude\nnaked woman\nword high: blood | blood orange | blood moon\nPROFANITY: damn\n"
        "prefilter INSULT prefix: moro\nhttp://x: y\nword: #x\nword: a\\|b\n"
    )
    assert read(text) == [
        rule("nude"),
        rule("naked woman", Kind.PHRASE),
        rule("blood", Kind.WORD, "blood orange", "blood moon", severity=Severity.HIGH),
        rule("damn", word_list=WordList.PREFILTER, label=Label.PROFANITY),
        rule("moro", Kind.PREFIX, word_list=WordList.PREFILTER, label=Label.INSULT),
        rule("http://x: y", Kind.PHRASE),
        rule("#x"),
        rule("a|b"),
    ]


def test_of_two_lines_with_one_sense_the_last_counts():
    assert read("nude\nword high: NUDE\n") == [rule("NUDE", severity=Severity.HIGH)]


@pytest.mark.parametrize(
    "line", ["word: ", "word phrase: a", "block INSULT: a", "prefilter: a", "word: a b", "word: a | b"]
)
def test_a_line_that_is_no_rule_is_named_by_its_number(line):
    with pytest.raises(InvalidInput, match="line 2"):
        read(f"fine\n{line}\n")


def test_the_shipped_prefilter_has_words_for_every_label_and_reads_back():
    rules = default_rules()
    assert {draft.label for draft in rules} == set(Label)
    assert {draft.word_list for draft in rules} == {WordList.PREFILTER}
    assert read(written(rules)) == list(rules)


@pytest.mark.parametrize("prompt", ["a red fox in the snow", "stars for the naked eye", "a house of Dickens'"])
def test_ordinary_prompts_pass_the_shipped_prefilter(prompt):
    assert verdict(prompt, *default_rules(), word_list=WordList.PREFILTER).hits == ()
