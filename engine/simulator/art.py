"""What the pictures look like: procedural landscapes whose motif, colours and shapes follow from the words."""

from __future__ import annotations

import colorsys
import math
import zlib
from random import Random
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

from engine.simulator import region

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.simulator.jobs import Recipe

Colour = tuple[int, int, int]
Size = tuple[int, int]

_WORDS = {
    "mountains": "mountain peak alps snow lake valley fox wolf bear castle",
    "sea": "sea ocean harbor harbour boat ship wave beach island whale fish coast water",
    "night": "night star stars moon galaxy space city neon dream owl",
    "forest": "forest tree trees wood woods garden deer bird autumn jungle leaf",
    "dunes": "desert dune dunes sand camel pyramid canyon mars egypt",
    "planets": "planet planets cosmos astronaut robot future orbit spaceship alien",
    "ribbons": "abstract silk ribbon flow smoke portrait glass music colour color logo sprite",
}
# ground and light of a scene: pairs that look like some hour of the day
_HUES = [(0.62, 0.06), (0.73, 0.94), (0.55, 0.12), (0.58, 0.5), (0.07, 0.12), (0.66, 0.85), (0.98, 0.1), (0.42, 0.16),
         (0.78, 0.04), (0.5, 0.08)]  # fmt: skip
_NAMED = {word: motif for motif, words in _WORDS.items() for word in words.split()}


def motif_of(words: str) -> str:
    """The motif that the words name, or one chosen by their checksum."""
    for word in words.lower().replace(",", " ").split():
        if word in _NAMED:
            return _NAMED[word]
    return sorted(_WORDS)[zlib.crc32(words.encode()) % len(_WORDS)]


def draw(recipe: Recipe, size: Size) -> Image.Image:
    """The whole picture: one cell, or four in a 2 by 2 grid, with the caption in a corner of each."""
    if len(recipe.cells) == 1:
        return _cell(recipe, 0, size)
    width, height = size
    picture = Image.new("RGB", size)
    halves = (width // 2, height // 2)
    for number in range(4):
        part = _cell(recipe, number, (halves[0], halves[1]))
        picture.paste(part, ((number % 2) * halves[0], (number // 2) * halves[1]))
    return picture


def soften(picture: Image.Image, size: Size, percent: int) -> Image.Image:
    """A preview: smaller, and the earlier the more blurred."""
    small = picture.resize(size, Image.Resampling.BILINEAR)
    return small.filter(ImageFilter.GaussianBlur(max(size) * (100 - percent) / 2400))


def _cell(recipe: Recipe, number: int, size: Size) -> Image.Image:
    palette, shapes = recipe.cells[number]
    scene = _Scene(size, Random(f"{recipe.motif}|{palette}"), Random(f"{recipe.motif}|{shapes}"))
    paint: dict[str, Callable[[_Scene], Image.Image]] = {
        "mountains": _mountains,
        "sea": _sea,
        "night": _night,
        "forest": _forest,
        "dunes": _dunes,
        "planets": _planets,
        "ribbons": _ribbons,
    }
    picture = paint[recipe.motif](scene)
    if recipe.over is not None:
        picture = Image.composite(picture, _cell(recipe.over, 0, size), region.spread(recipe.mask, size))
    return _caption(picture, recipe.caption)


class _Scene:
    """A size, a palette, and a stream of shapes that does not depend on the size."""

    def __init__(self, size: Size, colours: Random, shapes: Random) -> None:
        self.w, self.h = size
        self.rng = shapes
        near, far = colours.choice(_HUES)
        drift = colours.uniform(-0.03, 0.03)
        self.hues = ((near + drift) % 1, (far + drift) % 1)
        self.dark = colours.random() < 0.35
        self.sun = (shapes.uniform(0.2, 0.8), shapes.uniform(0.22, 0.42))

    def colour(self, turn: float, saturation: float, value: float) -> Colour:
        """A colour `turn` (0 to 1) of the way from the scene's ground hue to that of its light."""
        share = min(1.0, max(0.0, turn))
        ground, light = (colorsys.hsv_to_rgb(hue, saturation, value) for hue in self.hues)
        red, green, blue = (round(255 * (a + (b - a) * share)) for a, b in zip(ground, light, strict=True))
        return red, green, blue

    def wheel(self, turn: float, saturation: float, value: float) -> Colour:
        """A colour `turn` of the way round half the colour wheel."""
        red, green, blue = colorsys.hsv_to_rgb((self.hues[0] + turn / 2) % 1, saturation, value)
        return round(red * 255), round(green * 255), round(blue * 255)

    def sky(self, low: float = 0.98, high: float = 0.75) -> Image.Image:
        """A gradient of four stops from zenith to horizon."""
        dim = 0.55 if self.dark else 1.0
        stops = [
            self.colour(0, 0.72, 0.38 * dim + 0.1),
            self.colour(0.25, 0.55, high * dim),
            self.colour(0.8, 0.45, 0.9 * dim),
            self.colour(1, 0.38, low * dim),
        ]
        return _gradient((self.w, self.h), stops)

    def ridge(self, base: float, rough: float, waves: int) -> list[tuple[float, float]]:
        """The upper edge of a hill as points; `base` and `rough` in picture heights."""
        parts = [(self.rng.uniform(1, waves), self.rng.uniform(0, math.tau)) for _ in range(5)]
        jags = [self.rng.uniform(-1, 1) for _ in range(97)]
        points = []
        for step in range(97):
            x = step / 96
            y = sum(math.sin(x * math.tau * f + p) / (n + 1.3) for n, (f, p) in enumerate(parts))
            points.append((x * self.w, (base - rough * (0.45 * y + 0.12 * jags[step])) * self.h))
        return points

    def hill(self, picture: Image.Image, points: list[tuple[float, float]], top: Colour, foot: Colour) -> None:
        """Fill below a ridge, from one colour at its top to another at the bottom."""
        mask = Image.new("L", (self.w, self.h), 0)
        ImageDraw.Draw(mask).polygon([(0, self.h), *points, (self.w, self.h)], fill=255)
        highest = max(0, int(min(y for _, y in points)))
        fill = Image.new("RGB", (self.w, self.h), foot)
        fill.paste(_gradient((self.w, max(1, self.h - highest)), [top, foot]), (0, highest))
        picture.paste(fill, (0, 0), mask)

    def glow(self, picture: Image.Image, at: tuple[float, float], radius: float, colour: Colour) -> Image.Image:
        """Light around a point, added by screening."""
        side = max(2, int(radius * 2 * self.h))
        light = ImageOps.invert(Image.radial_gradient("L")).resize((side, side))
        # Pillow's gradient ends at the corners, 74 is its value in the middle of a side
        light = light.point([round(255 * max(0, (v - 74) / 181) ** 2) for v in range(256)])
        layer = Image.new("RGB", (self.w, self.h))
        where = (int(at[0] * self.w - side / 2), int(at[1] * self.h - side / 2))
        layer.paste(Image.new("RGB", (side, side), colour), where, light)
        return ImageChops.screen(picture, layer)

    def disc(self, picture: Image.Image, at: tuple[float, float], radius: float, colour: Colour) -> None:
        """A round body with a soft edge."""
        side = max(4, int(radius * 2 * self.h))
        mask = Image.new("L", (side * 2, side * 2), 0)
        ImageDraw.Draw(mask).ellipse((2, 2, side * 2 - 3, side * 2 - 3), fill=255)
        mask = mask.resize((side, side), Image.Resampling.BILINEAR)
        where = (int(at[0] * self.w - side / 2), int(at[1] * self.h - side / 2))
        picture.paste(Image.new("RGB", (side, side), colour), where, mask)

    def stars(self, picture: Image.Image, count: int, depth: float) -> None:
        """Points of different brightness in the upper part."""
        pen = ImageDraw.Draw(picture)
        for _ in range(count):
            x, y = self.rng.random() * self.w, self.rng.random() ** 1.4 * depth * self.h
            shine, size = self.rng.random() ** 3, self.rng.choice((0.0007, 0.0007, 0.0016)) * self.h
            light = round(120 + 135 * shine)
            pen.ellipse((x - size, y - size, x + size, y + size), fill=(light, light, min(255, light + 15)))


def _gradient(size: Size, stops: Sequence[Colour]) -> Image.Image:
    strip = Image.new("RGB", (1, len(stops)))
    strip.putdata(list(stops))
    return strip.resize(size, Image.Resampling.BICUBIC)


def _reflect(scene: _Scene, picture: Image.Image, horizon: float) -> Image.Image:
    """Below the horizon the picture mirrored, darker, broken into slightly shifted lines."""
    line = int(horizon * scene.h)
    depth = scene.h - line
    mirrored = ImageOps.flip(picture.crop((0, max(0, line - depth), scene.w, line))).resize((scene.w, depth))
    water = Image.blend(mirrored, Image.new("RGB", mirrored.size, scene.colour(0, 0.6, 0.3)), 0.32)
    step = max(1, depth // 60)
    for top in range(0, depth, step):
        reach = scene.w * 0.012 * (0.2 + top / depth)
        shift = int(math.sin(top * 97.0 / depth) * reach + scene.rng.uniform(-1, 1) * reach)
        band = water.crop((0, top, scene.w, min(depth, top + step)))
        picture.paste(ImageChops.offset(band, shift, 0), (0, line + top))
    return picture


def _mountains(scene: _Scene) -> Image.Image:
    picture = scene.sky()
    if scene.dark:
        scene.stars(picture, 160, 0.6)
    picture = scene.glow(picture, scene.sun, 0.62, scene.colour(1, 0.35, 1.0))
    scene.disc(picture, scene.sun, 0.055, scene.colour(1, 0.08, 1.0))
    dim = 0.6 if scene.dark else 1.0
    for layer in range(5):
        near = layer / 4
        top = scene.colour(0.7 - 0.7 * near, 0.22 + 0.5 * near, (0.82 - 0.62 * near) * dim)
        foot = scene.colour(0.9 - 0.6 * near, 0.2 + 0.3 * near, (0.92 - 0.5 * near) * dim)
        scene.hill(picture, scene.ridge(0.5 + 0.055 * layer, 0.26 - 0.03 * layer, 3 + layer), top, foot)
    picture = _reflect(scene, picture, 0.76)
    scene.hill(picture, scene.ridge(0.97, 0.06, 4), scene.colour(0, 0.7, 0.1), scene.colour(0, 0.7, 0.05))
    return picture


def _sea(scene: _Scene) -> Image.Image:
    picture = scene.sky(low=1.0, high=0.85)
    at = (scene.sun[0], 0.47)
    picture = scene.glow(picture, at, 0.7, scene.colour(1, 0.4, 1.0))
    scene.disc(picture, at, 0.085, scene.colour(1, 0.12, 1.0))
    scene.hill(picture, scene.ridge(0.565, 0.05, 3), scene.colour(0.5, 0.35, 0.5), scene.colour(0.5, 0.4, 0.4))
    picture = _reflect(scene, picture, 0.57)
    for layer in range(6):
        near = layer / 5
        top = scene.colour(0.5 - 0.5 * near, 0.45 + 0.25 * near, 0.72 - 0.5 * near)
        points = scene.ridge(0.64 + 0.068 * layer, 0.018 + 0.012 * layer, 9 - layer)
        mask = picture.copy()
        scene.hill(mask, points, top, scene.colour(0.1, 0.75, 0.34 - 0.2 * near))
        picture = Image.blend(picture, mask, 0.55 + 0.4 * near)
        crest = scene.colour(1, 0.15, 0.95 - 0.45 * near)
        ImageDraw.Draw(picture).line(points, fill=crest, width=max(1, scene.h // 420))
    x, y = scene.rng.uniform(0.25, 0.75) * scene.w, 0.585 * scene.h
    unit, dark = scene.h * 0.03, scene.colour(0, 0.6, 0.12)
    pen = ImageDraw.Draw(picture)
    pen.polygon(
        [(x - unit, y), (x + unit, y), (x + 0.7 * unit, y + 0.35 * unit), (x - 0.7 * unit, y + 0.35 * unit)], dark
    )
    pen.polygon(
        [(x, y - 2.2 * unit), (x, y - 0.1 * unit), (x + 0.9 * unit, y - 0.1 * unit)], scene.colour(1, 0.1, 0.98)
    )
    return picture


def _night(scene: _Scene) -> Image.Image:
    stops = [scene.colour(0, 0.85, 0.07), scene.colour(0.2, 0.8, 0.2), scene.colour(0.7, 0.6, 0.42)]
    picture = _gradient((scene.w, scene.h), stops)
    for _ in range(7):
        at = (scene.rng.uniform(0, 1), scene.rng.uniform(0.05, 0.55))
        colour = scene.colour(scene.rng.random(), 0.75, scene.rng.uniform(0.2, 0.5))
        picture = scene.glow(picture, at, scene.rng.uniform(0.2, 0.5), colour)
    scene.stars(picture, 420, 0.85)
    moon = (scene.sun[0], 0.2)
    picture = scene.glow(picture, moon, 0.3, (150, 150, 170))
    scene.disc(picture, moon, 0.06, (246, 243, 228))
    for layer in range(3):
        shade = scene.colour(0.3, 0.7, 0.18 - 0.06 * layer)
        scene.hill(picture, scene.ridge(0.76 + 0.08 * layer, 0.13, 4 + layer), shade, scene.colour(0, 0.8, 0.04))
    _firs(scene, picture, 26, 0.99, scene.colour(0, 0.7, 0.03))
    return picture


def _firs(scene: _Scene, picture: Image.Image, count: int, foot: float, colour: Colour) -> None:
    pen = ImageDraw.Draw(picture)
    for _ in range(count):
        x = scene.rng.uniform(-0.02, 1.02) * scene.w
        tall = scene.rng.uniform(0.1, 0.24) * scene.h
        base = foot * scene.h + scene.rng.uniform(-0.01, 0.03) * scene.h
        for storey in range(6):
            top = base - tall * (1 - storey * 0.15)
            half, low = tall * (0.05 + 0.028 * storey), top + tall * 0.3
            pen.polygon([(x, top), (x - half, low), (x + half, low)], fill=colour)
        pen.rectangle((x - tall * 0.015, base - tall * 0.1, x + tall * 0.015, base), fill=colour)


def _forest(scene: _Scene) -> Image.Image:
    picture = scene.sky(low=0.95, high=0.85)
    picture = scene.glow(picture, scene.sun, 0.75, scene.colour(1, 0.3, 1.0))
    for layer in range(4):
        near = layer / 3
        colour = scene.colour(0.6 - 0.6 * near, 0.25 + 0.5 * near, 0.78 - 0.66 * near)
        foot = 0.66 + 0.12 * layer
        scene.hill(picture, scene.ridge(foot, 0.07, 3), colour, scene.colour(0.8 - 0.7 * near, 0.3, 0.8 - 0.65 * near))
        _firs(scene, picture, 16 + 5 * layer, foot + 0.03, colour)
        mist = Image.new("RGB", picture.size, scene.colour(0.9, 0.2, 0.95))
        veil = _gradient(picture.size, [(0, 0, 0), (0, 0, 0), (60, 60, 60), (0, 0, 0)]).convert("L")
        if layer < 3:
            picture.paste(mist, (0, 0), veil)
    return picture


def _dunes(scene: _Scene) -> Image.Image:
    picture = scene.sky(low=1.0, high=0.9)
    picture = scene.glow(picture, scene.sun, 0.55, scene.colour(1, 0.25, 1.0))
    scene.disc(picture, scene.sun, 0.07, scene.colour(1, 0.05, 1.0))
    for layer in range(6):
        near = layer / 5
        lit = scene.colour(1 - 0.15 * near, 0.35 + 0.35 * near, 0.95 - 0.25 * near)
        shade = scene.colour(0.7 - 0.4 * near, 0.5 + 0.25 * near, 0.55 - 0.35 * near)
        points = scene.ridge(0.55 + 0.085 * layer, 0.09 + 0.02 * layer, 2)
        smooth = [
            (x, sum(p[1] for p in points[max(0, n - 3) : n + 4]) / len(points[max(0, n - 3) : n + 4]))
            for n, (x, _) in enumerate(points)
        ]
        scene.hill(picture, smooth, lit, shade)
    return picture


def _planets(scene: _Scene) -> Image.Image:
    stops = [scene.colour(0, 0.8, 0.04), scene.colour(0.4, 0.75, 0.16), scene.colour(0.1, 0.8, 0.05)]
    picture = _gradient((scene.w, scene.h), stops)
    for _ in range(5):
        at = (scene.rng.random(), scene.rng.random())
        picture = scene.glow(picture, at, scene.rng.uniform(0.3, 0.6), scene.colour(scene.rng.random(), 0.8, 0.35))
    scene.stars(picture, 500, 1.0)
    bodies = ((scene.sun, 0.24), ((scene.rng.uniform(0.1, 0.9), 0.78), 0.09), ((scene.rng.random(), 0.6), 0.035))
    for at, radius in bodies:
        picture = scene.glow(picture, at, radius * 1.7, scene.colour(1, 0.5, 0.55))
        side = max(4, int(radius * 2 * scene.h))
        bands = [scene.wheel(scene.rng.random(), 0.5, scene.rng.uniform(0.45, 0.95)) for _ in range(9)]
        body = _gradient((side, side), bands).rotate(scene.rng.uniform(-25, 25), Image.Resampling.BILINEAR)
        shade = ImageOps.invert(Image.radial_gradient("L")).resize((side * 2, side * 2))
        body = ImageChops.multiply(
            body, Image.merge("RGB", [shade.crop((side // 2, side // 2, side // 2 + side, side // 2 + side))] * 3)
        )
        mask = Image.new("L", (side * 2, side * 2), 0)
        ImageDraw.Draw(mask).ellipse((1, 1, side * 2 - 2, side * 2 - 2), fill=255)
        where = (int(at[0] * scene.w - side / 2), int(at[1] * scene.h - side / 2))
        picture.paste(body, where, mask.resize((side, side), Image.Resampling.BILINEAR))
    scene.hill(picture, scene.ridge(0.93, 0.08, 3), scene.colour(0.5, 0.5, 0.2), scene.colour(0, 0.6, 0.04))
    return picture


def _ribbons(scene: _Scene) -> Image.Image:
    dark = [scene.colour(0, 0.7, 0.12), scene.colour(0.4, 0.6, 0.3), scene.colour(0.1, 0.7, 0.1)]
    picture = _gradient((scene.w, scene.h), dark)
    for layer in range(9):
        swing = [(scene.rng.uniform(0.5, 2.2), scene.rng.uniform(0, math.tau)) for _ in range(3)]
        middle, thick = 0.1 + 0.09 * layer, scene.rng.uniform(0.05, 0.12)
        upper, lower = [], []
        for step in range(65):
            x = step / 64
            y = middle + 0.1 * sum(math.sin(x * math.tau * f + p) for f, p in swing) / 1.6
            half = thick * (0.35 + 0.65 * abs(math.sin(x * math.pi * swing[0][0] + swing[1][1])))
            upper.append((x * scene.w, (y - half) * scene.h))
            lower.append((x * scene.w, (y + half) * scene.h))
        mask = Image.new("L", (scene.w, scene.h), 0)
        ImageDraw.Draw(mask).polygon(upper + lower[::-1], fill=190)
        tint = [scene.wheel(layer / 8, 0.75, 0.98), scene.wheel(layer / 8 + 0.3, 0.6, 0.45)]
        picture.paste(_gradient((scene.w, scene.h), tint), (0, 0), mask)
        ImageDraw.Draw(picture).line(upper, fill=scene.wheel(layer / 8, 0.25, 1.0), width=max(1, scene.h // 500))
    return scene.glow(picture, scene.sun, 0.6, scene.colour(0.9, 0.4, 0.45))


def _caption(picture: Image.Image, text: str) -> Image.Image:
    """Job number, seed and words, small in the lower left corner."""
    size = max(7, picture.height // 42)
    font = ImageFont.load_default(size)
    pen = ImageDraw.Draw(picture)
    at = (size * 0.6, picture.height - size * 1.8)
    pen.text((at[0] + 1, at[1] + 1), text, fill=(0, 0, 0), font=font)
    pen.text(at, text, fill=(255, 255, 255), font=font)
    return picture
