"""Golden values of the colour spaces (OpenCV) and of the resizing (Pillow). Run: python3 make_goldens.py > goldens.json"""
import json

import cv2
import numpy as np
import PIL
from PIL import Image

rng = np.random.default_rng(4)
colors = np.concatenate([rng.integers(0, 256, (120, 3)), np.eye(3, dtype=int) * 255, [[0, 0, 0], [255, 255, 255], [9, 9, 9]]]).astype(np.uint8)
pixels = colors[None]
photo = cv2.GaussianBlur(rng.integers(0, 256, (17, 23, 3), dtype=np.uint8), (0, 0), 1)


def resized(width, height):
    return np.asarray(Image.fromarray(photo).resize((width, height), Image.BILINEAR)).ravel().tolist()


print(
    json.dumps(
        {
            "versions": {"opencv": cv2.__version__, "pillow": PIL.__version__},
            "rgb": colors.ravel().tolist(),
            "HSV": cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV_FULL)[0].ravel().tolist(),
            "Lab": cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab)[0].ravel().tolist(),
            "photo": {"width": 23, "height": 17, "data": photo.ravel().tolist()},
            "resized": [{"width": w, "height": h, "data": resized(w, h)} for w, h in ((10, 7), (40, 30))],
        }
    )
)
