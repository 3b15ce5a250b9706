"""The one table of parameters: checks, the words of errors, lists for choosing and docs/parameters.md come from it.

Midjourney changes ranges between versions: a new version is a line in `models.Model`, a new range a `Form` here. A niji
model counts as the Midjourney model of its number wherever the reference says "V6+"; where it names single models, niji
is not meant. Source: midjourney-parameters (autumn 2026).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.model.prompts import kinds, models
from engine.model.prompts.models import Model
from engine.model.prompts.terms import MOST_PIECES, Plan, Purpose

IMAGE_PROMPT = "an image prompt"
STILL = frozenset({Purpose.IMAGINE, Purpose.REMIX, Purpose.CUSTOM_ZOOM})
VIDEO = frozenset({Purpose.ANIMATE})


@dataclass(frozen=True, slots=True)
class Form:
    """What the value may be on some models."""

    kind: kinds.Kind
    models: frozenset[Model] = models.ALL


@dataclass(frozen=True, slots=True)
class Clash:
    """Another parameter that cannot stand beside this one; with a value, only when it has that value."""

    name: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A row."""

    name: str
    aliases: tuple[str, ...] = ()
    forms: tuple[Form, ...]
    """No model in two of them; a model in none does not know the parameter."""
    example: str = ""
    purposes: frozenset[Purpose] = STILL
    needs: str = ""
    """A parameter's name, or `IMAGE_PROMPT`, without which this one means nothing."""
    clashes: tuple[Clash, ...] = ()
    plans: frozenset[Plan] = field(default_factory=lambda: frozenset(Plan))
    often: bool = False
    """Whether it may stand in a prompt several times with different values."""
    notes: str = ""

    @property
    def flag(self) -> str:
        """`--ar`."""
        return f"--{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """The name and what else it is called."""
        return (self.name, *self.aliases)

    @property
    def takes(self) -> kinds.Takes:
        """How many words belong to it; all forms agree."""
        return self.forms[0].kind.takes

    @property
    def models(self) -> frozenset[Model]:
        """The models that know it."""
        return frozenset(model for form in self.forms for model in form.models)


def _one(kind: kinds.Kind, on: frozenset[Model] = models.ALL) -> tuple[Form, ...]:
    return (Form(kind, on),)


_V4 = frozenset({Model.V4})
_V6 = models.between("6", "6.1")
_V7 = frozenset({Model.V7})
_V8 = frozenset({Model.V8, Model.V8_1})
_NIJI_5 = frozenset({Model.NIJI_5})
_FLAG = kinds.Flag()
_STYLES = ("raw", "cute", "expressive", "scenic", "original")
_SPEEDS = ("fast", "relax", "turbo")


def _speed(name: str, on: frozenset[Model] = models.ALL, plans: frozenset[Plan] = frozenset(Plan)) -> Parameter:
    others = tuple(Clash(other) for other in _SPEEDS if other != name)
    return Parameter(name=name, forms=_one(_FLAG, on), clashes=others, plans=plans, notes="At most one speed.")


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        name="ar",
        aliases=("aspect",),
        forms=(Form(kinds.Ratio(), models.ALL - _V4), Form(kinds.Ratio(2), _V4)),
        example="16:9",
        notes="Whole numbers: 139:100, not 1.39:1.",
    ),
    Parameter(name="chaos", aliases=("c",), forms=_one(kinds.Whole(0, 100)), example="10", notes="Default 0."),
    Parameter(
        name="stylize",
        aliases=("s",),
        forms=_one(kinds.Whole(0, 1000), models.between("4")),
        example="250",
        notes="Default 100.",
    ),
    Parameter(
        name="weird",
        aliases=("w",),
        forms=_one(kinds.Whole(0, 3000), models.between("5")),
        example="500",
        notes="Default 0.",
    ),
    Parameter(name="stop", forms=_one(kinds.Whole(10, 100), models.between("1", "6.1")), example="80"),
    Parameter(name="seed", forms=_one(kinds.Whole(0, 4294967295)), example="1234"),
    Parameter(
        name="quality",
        aliases=("q",),
        forms=(
            Form(kinds.OneNumber((".25", ".5", "1", "2")), models.between("5", "6.1") | {Model.NIJI_4}),
            Form(kinds.OneNumber(("1", "2", "4")), _V7),
            # the reference is silent about niji 7: what any model takes is let through
            Form(kinds.OneNumber((".25", ".5", "1", "2", "4")), frozenset({Model.NIJI_7})),
        ),
        example="2",
    ),
    Parameter(
        name="iw",
        forms=_one(kinds.Fraction(0, 3)),
        example="1.5",
        needs=IMAGE_PROMPT,
        notes="Default 1.",
    ),
    Parameter(
        name="no",
        forms=_one(kinds.Words()),
        example="red, green",
        often=True,
        notes="Counts as a weight of -.5 where words have weights.",
    ),
    Parameter(name="tile", forms=_one(_FLAG)),
    Parameter(name="raw", forms=_one(_FLAG), purposes=STILL | VIDEO, notes="`--style raw` comes back as `--raw`."),
    Parameter(name="draft", forms=_one(_FLAG, _V7 | {Model.V8_1})),
    _speed("fast"),
    _speed("relax", plans=frozenset({Plan.STANDARD, Plan.PRO, Plan.MEGA})),
    _speed("turbo", models.ALL - {Model.V8_1}),
    Parameter(name="stealth", forms=_one(_FLAG), clashes=(Clash("public"),), plans=frozenset({Plan.PRO, Plan.MEGA})),
    Parameter(name="public", forms=_one(_FLAG), clashes=(Clash("stealth"),)),
    Parameter(
        name="style",
        forms=(
            Form(kinds.OneWord(_STYLES[:1]), models.ALL - _NIJI_5),
            Form(kinds.OneWord(_STYLES), _NIJI_5),
        ),
        example="raw",
    ),
    Parameter(
        name="v",
        aliases=("version",),
        forms=_one(kinds.Version(tuple(model.number for model in models.MIDJOURNEY))),
        example="7",
        clashes=(Clash("niji"),),
        notes="`7` comes back as `7.0`; both may be written.",
    ),
    Parameter(
        name="niji",
        forms=_one(kinds.MaybeNumber(tuple(model.number for model in models.NIJI))),
        example="7",
        clashes=(Clash("v"),),
        notes="Without a value the newest.",
    ),
    Parameter(
        name="repeat",
        aliases=("r",),
        forms=_one(kinds.Whole(2, MOST_PIECES)),
        example="4",
        purposes=frozenset({Purpose.IMAGINE}),
        notes="Up to 4 jobs on Basic, 10 on Standard, 40 on Pro and Mega; permutations multiply. Not in relax mode.",
    ),
    Parameter(
        name="sref",
        forms=_one(kinds.StyleReference(), models.between("6")),
        example="random",
        notes="Needs words, even beside two image prompts.",
    ),
    Parameter(name="sw", forms=_one(kinds.Whole(0, 1000), models.between("6")), example="100", needs="sref"),
    Parameter(
        name="sv",
        forms=(
            Form(kinds.Whole(1, 4), _V6),
            Form(kinds.Whole(1, 6), models.between("7", "7")),
        ),
        example="4",
        needs="sref",
    ),
    Parameter(
        name="cref", forms=_one(kinds.Links(), _V6), example="https://example.com/a.png", notes="V7 has `--oref`."
    ),
    Parameter(name="cw", forms=_one(kinds.Whole(0, 100), _V6), example="50", needs="cref", notes="Default 100."),
    Parameter(
        name="oref",
        forms=_one(kinds.Links(1), _V7),
        example="https://example.com/a.png",
        clashes=(Clash("quality", "4"),),
    ),
    Parameter(name="ow", forms=_one(kinds.Whole(1, 1000), _V7), example="200", needs="oref", notes="Default 100."),
    Parameter(name="p", aliases=("profile",), forms=_one(kinds.Codes(), models.between("6")), example="m123"),
    Parameter(name="exp", forms=_one(kinds.Whole(0, 100), _V7), example="20"),
    Parameter(name="hd", forms=_one(_FLAG, _V8), clashes=(Clash("sd"),)),
    Parameter(name="sd", forms=_one(_FLAG, _V8), clashes=(Clash("hd"),)),
    Parameter(
        name="zoom",
        forms=_one(kinds.Fraction(1, 2)),
        example="1.5",
        purposes=frozenset({Purpose.CUSTOM_ZOOM}),
        notes="Must be there.",
    ),
    Parameter(
        name="video",
        forms=_one(kinds.MaybeNumber(("1",))),
        example="1",
        purposes=VIDEO,
        notes="In /imagine it makes a video prompt of an image prompt; then the parameters of animate count.",
    ),
    Parameter(name="motion", forms=_one(kinds.OneWord(("low", "high"))), example="low", purposes=VIDEO),
    Parameter(name="loop", forms=_one(_FLAG), purposes=VIDEO),
    Parameter(name="end", forms=_one(kinds.Links(1)), example="https://example.com/a.png", purposes=VIDEO),
    Parameter(name="bs", forms=_one(kinds.OneNumber(("1", "2", "4"))), example="1", purposes=VIDEO),
)

BY_NAME = {name: parameter for parameter in PARAMETERS for name in parameter.names}


def usage(parameter: Parameter, model: Model | None = None) -> str:
    """How it is written and what may stand there; for one model, or for each that knows it."""
    forms = [form for form in parameter.forms if model in form.models] or list(parameter.forms)
    if len(forms) == 1:
        only = forms[0].models
        where = "" if model in only or only >= models.ALL else f" ({models.said(only)})"
        return f"{parameter.flag} with {forms[0].kind.allowed}{where}"
    return f"{parameter.flag} with " + "; ".join(f"{form.kind.allowed} ({models.said(form.models)})" for form in forms)


def names_for(purpose: Purpose) -> tuple[str, ...]:
    """The parameters that belong there, as they are written."""
    return tuple(parameter.flag for parameter in PARAMETERS if purpose in parameter.purposes)
