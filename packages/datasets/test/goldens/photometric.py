"""torchvision's colour adjustments of 12 random pixels, in float.

python3 photometric.py > photometric.json     (made with torchvision 0.14, torch 1.13)
"""
import json
import torch
import torchvision
from torchvision.transforms import functional as F

torch.manual_seed(0)
image = torch.randint(0, 256, (3, 3, 4), dtype=torch.uint8)
image[:, 0, 0] = 77  # a grey: no hue
as_float = image.double() / 255
adjust = {
    "brightness": (F.adjust_brightness, [0.875, 1.125]),
    "contrast": (F.adjust_contrast, [0.5, 1.5]),
    "saturation": (F.adjust_saturation, [0.5, 1.5]),
    "hue": (F.adjust_hue, [-0.05, 0.05, 0.4]),
}


def flat(tensor):
    return [round(v, 3) for v in (tensor.permute(1, 2, 0).reshape(-1)).tolist()]


print(json.dumps({
    "torchvision": torchvision.__version__,
    "width": 4,
    "height": 3,
    "pixels": image.permute(1, 2, 0).reshape(-1).tolist(),
    "adjusted": [
        {"step": name, "amount": amount, "values": flat(255 * function(as_float, amount))}
        for name, (function, amounts) in adjust.items()
        for amount in amounts
    ],
}))
