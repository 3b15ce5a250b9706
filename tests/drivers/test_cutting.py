"""Backgrounds removed on this machine; the real rembg only where the extra `background` is installed."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from engine.drivers.services.backend import Made
from engine.drivers.services.cutting import Cutting
from engine.model.actions import Action, ActionKind, ServiceCall
from engine.model.errors import BadSetting
from engine.ports import AnswerKind, Refusal
from engine.settings import read
from engine.wiring import _service_places

MODEL = Path(__file__).with_name("mean_mask.onnx")
"""The mean of the three colours as mask: what is bright stays. Made with onnx.helper: one ReduceMean over axis 1."""

needs_rembg = pytest.mark.skipif(
    find_spec("rembg") is None, reason="rembg is not installed (requirements/background.txt)"
)


def call(image: bytes) -> ServiceCall:
    return ServiceCall(Action(ActionKind.REMOVE_BACKGROUND), "", (), image)


def a_bright_box() -> bytes:
    drawn, written = Image.new("RGB", (64, 48), "black"), io.BytesIO()
    ImageDraw.Draw(drawn).rectangle([20, 10, 40, 30], fill="white")
    drawn.save(written, "PNG")
    return written.getvalue()


@needs_rembg
async def test_what_the_model_masks_stays_and_the_rest_is_clear():
    made = await Cutting(MODEL).start(call(a_bright_box()))
    assert isinstance(made, Made)
    cut = Image.open(io.BytesIO(made.pictures[0]))
    assert (cut.mode, cut.size, cut.getpixel((30, 20))[3], cut.getpixel((1, 1))[3]) == ("RGBA", (64, 48), 255, 0)


async def test_a_model_that_is_not_there_fails_the_job_and_tells_no_folder(tmp_path):
    answer = await Cutting(tmp_path / "none.onnx").start(call(a_bright_box()))
    assert (answer.kind, answer.refusal) == (AnswerKind.REFUSED, Refusal.FAIL)
    assert "there is no model none.onnx" in answer.detail
    assert str(tmp_path) not in answer.detail


async def test_a_picture_that_is_none_fails_its_job_alone():
    cutting = Cutting(MODEL)
    for image in (b"nonsense", b""):
        answer = await cutting.start(call(image))
        assert answer.kind is AnswerKind.REFUSED
        assert answer.detail.startswith("the background could not be removed")


def test_a_setting_that_names_no_file_is_told_at_the_start(tmp_path):
    settings = read({"EASEL_BACKGROUND_MODEL": str(tmp_path / "none.onnx")}).in_force()
    with pytest.raises(BadSetting, match="EASEL_BACKGROUND_MODEL"):
        _service_places(settings)


@pytest.mark.skipif(find_spec("rembg") is not None, reason="rembg is installed")
def test_a_model_without_rembg_is_told_at_the_start_with_what_to_install():
    with pytest.raises(BadSetting, match=r"requirements/background\.txt"):
        _service_places(read({"EASEL_BACKGROUND_MODEL": str(MODEL)}).in_force())
