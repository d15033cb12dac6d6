"""Finds the colors that make up an image: k-means with numpy, images by Pillow."""
import tempfile
from typing import List

import numpy as np
from cog import BaseModel, BasePredictor, Input, Path
from PIL import Image

SAMPLE = 96
SWATCH = 64


class Palette(BaseModel):
    colors: List[str]
    shares: List[float]
    swatches: Path


class Predictor(BasePredictor):
    """Finds the colors that make up an image, the most frequent first, and draws them."""

    def predict(
        self,
        image: Path = Input(description="A picture in any format that Pillow reads."),
        colors: int = Input(description="How many colors to find.", default=5, ge=1, le=16),
    ) -> Palette:
        with Image.open(image) as picture:
            picture = picture.convert("RGB")
            picture.thumbnail((SAMPLE, SAMPLE))
            pixels = np.asarray(picture, dtype=float).reshape(-1, 3)
        centers, shares = cluster(pixels, min(colors, len(pixels)))
        print("clustered", len(pixels), "pixels")
        swatches = Path(tempfile.mkdtemp()) / "swatches.png"
        draw(centers).save(swatches)
        return Palette(
            colors=["#%02x%02x%02x" % tuple(int(round(part)) for part in center) for center in centers],
            shares=[round(float(share), 4) for share in shares],
            swatches=swatches,
        )


def cluster(pixels, count, rounds=20):
    """k-means; gives the centers and their shares of the pixels, largest share first."""
    spread = np.argsort(pixels.sum(axis=1))[np.linspace(0, len(pixels) - 1, count).astype(int)]
    centers = pixels[spread]
    for _ in range(rounds):
        nearest = np.argmin(((pixels[:, None, :] - centers[None, :, :]) ** 2).sum(axis=2), axis=1)
        centers = np.array([pixels[nearest == k].mean(axis=0) if (nearest == k).any() else centers[k] for k in range(count)])
    shares = np.bincount(nearest, minlength=count) / len(pixels)
    order = np.argsort(-shares)
    return centers[order], shares[order]


def draw(centers):
    """One square per color, side by side."""
    row = np.repeat(np.round(centers).astype(np.uint8), SWATCH, axis=0)
    return Image.fromarray(np.tile(row, (SWATCH, 1, 1)), "RGB")
