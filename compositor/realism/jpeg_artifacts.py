"""What JPEG does to a picture on its way through cameras, messengers and web sites."""

from __future__ import annotations

import cv2
import numpy as np

from synthmat.images.alpha import UInt8


def add_jpeg_artifacts(image: UInt8, quality: int) -> UInt8:
    """Return sRGB pixels, uint8 ``(H, W, 3)``, encoded and decoded again; chroma at half the resolution.

    Args:
        image: The picture.
        quality: libjpeg's, 1 to 100; 0 returns the picture itself.
    """
    if not quality:
        return image
    _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)
