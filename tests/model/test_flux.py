"""What a request for Flux may say, and what the service is told for it."""

from __future__ import annotations

import pytest

from engine.model.errors import InvalidInput
from engine.model.flux import MODELS, FluxWishes, options_of

PLAIN = {"model": "flux-1.1-pro", "n": "1", "output_format": "png"}


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ({}, {"width": "1024", "height": "1024"}),
        ({"aspect": "16:9"}, {"width": "1376", "height": "768"}),
        ({"aspect": "21:9"}, {"width": "1440", "height": "672"}),
        ({"width": 512, "height": 768}, {"width": "512", "height": "768"}),
        ({"width": 512, "height": 768, "aspect": "1:1"}, {"width": "512", "height": "768"}),
        ({"width": 512, "aspect": "1:1"}, {"width": "1024", "height": "1024"}),
        ({"width": 512}, {"width": "512", "height": "1024"}),
        ({"number": 4}, {"n": "4", "width": "1024", "height": "1024"}),
        ({"output": "jpg"}, {"output_format": "jpeg", "width": "1024", "height": "1024"}),
        ({"model": "flux-pro-1.1"}, {"width": "1024", "height": "1024"}),
        ({"model": "flux-kontext-pro", "aspect": "3:2"}, {"model": "flux-kontext-pro", "aspect_ratio": "3:2"}),
        (
            {"model": "flux-1.1-pro-ultra", "width": 1920, "height": 1080},
            {"model": "flux-1.1-pro-ultra", "aspect_ratio": "16:9"},
        ),
    ],
)
def test_the_service_is_told_the_size_as_its_model_wants_it(wishes, told):
    assert dict(options_of(FluxWishes(**wishes))) == PLAIN | told


@pytest.mark.parametrize(
    ("wishes", "field", "allowed"),
    [
        ({"model": "dall-e"}, "model", "flux-kontext-max"),
        ({"number": 5}, "n", "1 to 4"),
        ({"output": "webp"}, "output_format", "png, jpeg, jpg"),
        ({"width": 500, "height": 1024}, "width", "256 to 1440 in steps of 32"),
        ({"aspect": "3:1"}, "aspect_ratio", "from 9:21 to 21:9"),
        ({"aspect": "wide"}, "aspect_ratio", "width:height"),
    ],
)
def test_what_it_does_not_make_is_refused_by_name(wishes, field, allowed):
    with pytest.raises(InvalidInput) as refused:
        options_of(FluxWishes(**wishes))
    assert refused.value.field == field
    assert allowed in refused.value.allowed


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("aspect", ["9:21", "2:3", "1:1", "7:4", "21:9"])
def test_every_size_is_one_that_the_model_makes(name, aspect):
    told, model = dict(options_of(FluxWishes(model=name, aspect=aspect))), MODELS[name]
    sides = [int(told[side]) for side in ("width", "height") if side in told]
    assert len(sides) == (2 if model.in_pixels else 0)
    assert all(model.least <= side <= model.most and side % model.step == 0 for side in sides)
