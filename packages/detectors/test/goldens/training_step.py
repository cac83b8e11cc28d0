"""Writes training_step.json: losses and gradients of one training step of Fast R-CNN, written in plain PyTorch.

Run with Python 3, torch 2 and torchvision: `python3 training_step.py` in this folder. Weights and pictures of
backbones/test/goldens/seeded.py; two pictures of unlike shape, resized, normalised, through SqueezeNet 1.1's first
layers; RoI max pooling; fc6; cls_score and bbox_pred; Fast R-CNN's Eq. 1. Computed in float64 (RoI pooling too). Of
every parameter: the gradient's root mean square and 8 values spread over it.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision.ops import roi_pool

sys.path.append(str(Path(__file__).parents[3] / "backbones/test/goldens"))
from seeded import seed_model, signed  # noqa: E402

CLASSES, POOLED, HIDDEN = 2, 3, 24
STRIDE, CENTER = 4, 3.5  # of features.3's cells: two unpadded windows of 3, 2 apart
MEAN = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64)
STD = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64)

# Pictures: width, height, size of the network's input; regions, their labels and the objects they were matched with.
PICTURES = [
    {
        "width": 96, "height": 72, "size": [80, 60],
        "boxes": [[10, 8, 40, 30], [50, 20, 90, 66], [0, 0, 96, 72], [12, 30, 33, 70], [60.5, 3.25, 85, 22]],
        "labels": [1, 2, 0, 0, 1],
        "objects": [[12, 10, 44, 31], [48, 18, 88, 70], None, None, [58, 2, 86, 25]],
    },
    {
        "width": 60, "height": 90, "size": [60, 90],
        "boxes": [[5, 11, 30, 60], [20, 40, 58, 88], [2, 2, 17, 13]],
        "labels": [0, 2, 0],
        "objects": [None, [18, 37, 56, 84], None],
    },
]


class FastRCNN(nn.Module):
    """Parameters under roikit's names."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.ModuleDict(
            {"body": nn.ModuleDict({"features": torchvision.models.squeezenet1_1(weights=None).features[:4]})}
        )
        self.head = nn.ModuleDict(
            {
                "fc6": nn.Linear(128 * POOLED * POOLED, HIDDEN),
                "cls_score": nn.Linear(HIDDEN, CLASSES + 1),
                "bbox_pred": nn.Linear(HIDDEN, 4 * (CLASSES + 1)),
            }
        )

    def forward(self, pixels, regions):
        cells = self.backbone["body"]["features"](pixels)
        moved = regions - (CENTER - STRIDE / 2)  # roi_pool takes cell i to be centred on stride * (i + 1/2)
        pooled = roi_pool(cells, [moved], POOLED, 1 / STRIDE)
        hidden = F.relu(self.head["fc6"](pooled.flatten(1)))
        return self.head["cls_score"](hidden), self.head["bbox_pred"](hidden)


def encode(objects, boxes):
    """R-CNN App. C, times 1 / (.1, .1, .2, .2)."""
    size, own = boxes[:, 2:] - boxes[:, :2], objects[:, 2:] - objects[:, :2]
    shift = (objects[:, :2] + own / 2 - boxes[:, :2] - size / 2) / size
    return torch.cat([10 * shift, 5 * torch.log(own / size)], 1)


def losses(model):
    scores, offsets, labels, targets = [], [], [], []
    for number, picture in enumerate(PICTURES):
        width, height = picture["width"], picture["height"]
        pixels = np.floor(127.5 + 127.5 * signed(f"picture{number}", width * height * 3).astype(np.float64))
        image = (torch.from_numpy(pixels.reshape(1, height, width, 3)) / 255 - MEAN) / STD
        image = image.permute(0, 3, 1, 2)
        size = picture["size"]
        image = F.interpolate(image, (size[1], size[0]), mode="bilinear", align_corners=False)
        boxes = torch.tensor(picture["boxes"], dtype=torch.float64)
        scale = torch.tensor([size[0] / width, size[1] / height] * 2, dtype=torch.float64)
        score, offset = model(image, boxes * scale)
        scores.append(score)
        offsets.append(offset)
        labels += picture["labels"]
        rows = [box if own is None else own for box, own in zip(picture["boxes"], picture["objects"])]
        targets.append(encode(torch.tensor(rows, dtype=torch.float64), boxes))
    labels = torch.tensor(labels)
    score, offset, target = torch.cat(scores), torch.cat(offsets), torch.cat(targets)
    foreground = torch.where(labels > 0)[0]
    own = offset.reshape(len(labels), -1, 4)[foreground, labels[foreground]]
    box = F.smooth_l1_loss(own, target[foreground], beta=1, reduction="sum") / len(labels)
    return {"classification": F.cross_entropy(score, labels), "boxRegression": box}


def describe(gradient):
    flat = gradient.numpy().ravel()
    spread = flat[np.linspace(0, flat.size - 1, 8).astype(int)]
    return {
        "rms": float(f"{np.sqrt(np.mean(flat**2)):.8g}"),
        "values": [float(f"{value:.8g}") for value in spread],
    }


model = FastRCNN().double()
seed_model(model, 1)
model = model.double()
terms = losses(model)
sum(terms.values()).backward()
golden = {
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    "pictures": PICTURES,
    "losses": {name: float(f"{value.item():.10g}") for name, value in terms.items()},
    "gradients": {name: describe(parameter.grad) for name, parameter in model.named_parameters()},
}
with open("training_step.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
print(golden["losses"], len(golden["gradients"]))
