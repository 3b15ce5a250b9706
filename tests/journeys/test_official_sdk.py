"""ImaginePro's official Python SDK, as its registry has it, against a started server: nothing but address and key."""

from __future__ import annotations

import base64
import io

import pytest
from imaginepro import (
    Button,
    ButtonPressParams,
    ImagineParams,
    ImagineProSDK,
    ImagineProSDKOptions,
    InpaintingParams,
    RerollParams,
    UpscaleParams,
    VariantParams,
)
from PIL import Image, ImageDraw

from tests.journeys.studio import Studio

pytestmark = pytest.mark.timeout(120)

NOBODY = "d15c1541-229a-442b-9873-d3494dede12a"
INTERVAL = 0.1
"""Seconds between two looks, an option of the SDK; it waits 2 by itself."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    studio = Studio(tmp_path_factory.mktemp("sdk"), {"ours": {"remix": True}})
    yield studio
    studio.stop()


def client(studio, key=None):
    key = key or studio["ours"].http.headers["Authorization"].partition(" ")[2]
    options = ImagineProSDKOptions(api_key=key, base_url=studio.easel.url, default_timeout=40, fetch_interval=INTERVAL)
    return ImagineProSDK(options)


@pytest.fixture(scope="module")
def sdk(studio):
    return client(studio)


def made(sdk, accepted):
    assert accepted["success"] is True
    told = sdk.fetch_message(accepted["messageId"])
    assert (told["status"], told["progress"]) == ("DONE", 100), told
    return told


@pytest.fixture(scope="module")
def grid(sdk):
    return made(sdk, sdk.imagine(ImagineParams(prompt="a red fox", ref="order 7")))


@pytest.fixture(scope="module")
def single(sdk, grid):
    return made(sdk, sdk.upscale(UpscaleParams(message_id=grid["messageId"], index=2)))


def drawn_for(studio, told):
    return studio.ledger().drawn_for(told["messageId"])


def test_imagine_is_fetched_until_it_is_done(grid):
    assert (grid["prompt"], grid["ref"]) == ("a red fox", "order 7")
    assert len(grid["images"]) >= 1
    assert {"U1", "V4", "🔄"} <= set(grid["buttons"])


def test_upscale_takes_the_picture_of_that_number(studio, grid, single):
    assert single["originatingMessageId"] == grid["messageId"]
    assert studio.ledger().click_of(single["messageId"])["custom_id"].startswith("MJ::JOB::upsample::2::")


def test_variant_and_reroll_make_new_grids(studio, sdk, grid):
    varied = made(sdk, sdk.variant(VariantParams(message_id=grid["messageId"], index=3, ref="v")))
    assert varied["ref"] == "v"
    assert studio.ledger().click_of(varied["messageId"])["custom_id"].startswith("MJ::JOB::variation::3::")
    again = made(sdk, sdk.reroll(RerollParams(message_id=grid["messageId"])))
    assert "::reroll::" in studio.ledger().click_of(again["messageId"])["custom_id"]
    assert "U1" in again["buttons"]


def test_inpainting_sends_the_mask_and_the_words(studio, sdk, single):
    picture = studio["ours"].job(single["messageId"])["result"]["pictures"][0]
    mask = Image.new("L", (picture["width"], picture["height"]))
    ImageDraw.Draw(mask).rectangle((0, 0, 20, 20), fill=255)
    content = io.BytesIO()
    mask.save(content, "PNG")
    said = base64.b64encode(content.getvalue()).decode()
    accepted = sdk.inpainting(InpaintingParams(message_id=single["messageId"], mask=said, prompt="a blue hat"))
    told = made(sdk, accepted)
    assert told["originatingMessageId"] == single["messageId"]
    drawn = drawn_for(studio, told)
    assert drawn["prompt"].startswith("a blue hat")


def test_press_button_presses_any_button_that_is_offered(studio, sdk, grid, single):
    strong = made(sdk, sdk.press_button(ButtonPressParams(message_id=single["messageId"], button="Vary (Strong)")))
    assert "high_variation" in studio.ledger().click_of(strong["messageId"])["custom_id"]
    first = made(sdk, sdk.press_button(ButtonPressParams(message_id=grid["messageId"], button=Button.UPSCALE_1)))
    assert "Upscale (Subtle)" in first["buttons"]


def test_options_of_a_call_are_heeded(sdk, grid):
    params = ImagineParams(prompt="an owl", ref="owl", webhook_override="", timeout=60, disable_cdn=True)
    told = made(sdk, sdk.imagine(params))
    assert told["ref"] == "owl"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda sdk: sdk.imagine(ImagineParams()), "Bad Request: prompt is required"),
        (lambda sdk: sdk.imagine(ImagineParams(prompt="a fox", timeout=5)), "Bad Request: timeout is out of range"),
        (lambda sdk: sdk.imagine(ImagineParams(prompt="a fox --nonsense 3")), "Bad Request: .*--nonsense"),
        (lambda sdk: sdk.press_button(ButtonPressParams(message_id=NOBODY, button="U1")), "Not Found: "),
        (lambda sdk: sdk.fetch_message(NOBODY), "Not Found: "),
    ],
)
def test_what_is_refused_reaches_the_sdks_user_in_words(sdk, call, words):
    with pytest.raises(Exception, match=f"^{words}"):
        call(sdk)


def test_a_button_that_is_not_offered_is_refused_with_those_that_are(sdk, grid):
    with pytest.raises(Exception, match=r"^Bad Request: .*Upscale \(2x\).*U1"):
        sdk.press_button(ButtonPressParams(message_id=grid["messageId"], button="Upscale (2x)"))


def test_a_wrong_key_is_refused(studio):
    with pytest.raises(Exception, match=r"^Unauthorized: "):
        client(studio, "easel_wrong").imagine(ImagineParams(prompt="a red fox"))


def test_a_job_that_fails_is_fetched_with_its_reason(studio, sdk):
    studio.simulator.order("embed", title="Banned prompt detected", match="a refused fox")
    told = sdk.fetch_message(sdk.imagine(ImagineParams(prompt="a refused fox"))["messageId"])
    assert told["status"] == "FAIL"
    assert "banned" in told["error"].lower()
