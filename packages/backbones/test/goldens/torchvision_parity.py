"""Writes torchvision.json: what torchvision computes with the seeded weights of seeded.py.

Run with Python 3, torch 1.13 and torchvision 0.14: `python3 torchvision_parity.py` in this folder.
For each network and size: every 25th logit, the logits' largest magnitude, and of feature maps the shape, 12 values
spread over the NHWC map and the root mean square.
"""
import json

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision import models

from seeded import image, seed_model

RESIDUAL = 0.6  # keeps activations of networks that add from growing with depth
NETS = {
    "alexnet": 1, "vgg11": 1, "vgg13": 1, "vgg16": 1, "vgg19": 1,
    "vgg11_bn": 1, "vgg13_bn": 1, "vgg16_bn": 1, "vgg19_bn": 1,
    "resnet18": RESIDUAL, "resnet34": RESIDUAL, "resnet50": RESIDUAL, "resnet101": RESIDUAL, "resnet152": RESIDUAL,
    "resnext50_32x4d": RESIDUAL, "resnext101_32x8d": RESIDUAL, "resnext101_64x4d": RESIDUAL,
    "squeezenet1_0": 1, "squeezenet1_1": 1,
    "mobilenet_v2": 1, "mobilenet_v3_large": 1, "mobilenet_v3_small": 1,
    "shufflenet_v2_x0_5": 1, "shufflenet_v2_x1_0": 1, "shufflenet_v2_x1_5": 1, "shufflenet_v2_x2_0": 1,
    "densenet121": 1, "densenet161": 1, "densenet169": 1, "densenet201": 1,
    "inception_v3": 1,
}
SIZES = [(224, 224), (97, 131)]
# Modules whose output is a layer's output on both sides; a ReLU is part of its convolution in roikit.
SKIPPED = (nn.Conv2d, nn.ReLU, nn.BatchNorm2d, nn.Dropout, nn.Linear, nn.AdaptiveAvgPool2d)


def rounded(values):
    return [float(f"{value:.7g}") for value in np.asarray(values, dtype=np.float64).ravel()]


def describe(feature):
    nhwc = feature.permute(0, 2, 3, 1).contiguous().numpy()
    flat = nhwc.ravel()
    indices = np.linspace(0, flat.size - 1, 12).astype(int)
    return {
        "shape": list(nhwc.shape),
        "values": rounded(flat[indices]),
        "rms": rounded([np.sqrt(np.mean(flat.astype(np.float64) ** 2))])[0],
    }


def hooked(model):
    children = [(name, child) for name, child in model.named_children() if name not in ("avgpool", "classifier", "AuxLogits")]
    for name, child in children:
        if name == "features":
            yield from ((f"features.{inner}", module) for inner, module in child.named_children())
        else:
            yield name, child


def run(model, height, width):
    features = {}

    def keep(name):
        return lambda module, inputs, output: features.__setitem__(name, describe(output.detach().clone()))

    hooks = [
        module.register_forward_hook(keep(name))
        for name, module in hooked(model)
        if not isinstance(module, SKIPPED)
    ]
    with torch.no_grad():
        logits = model(image(1, height, width))[0].numpy()
    for hook in hooks:
        hook.remove()
    return {
        "size": [height, width],
        "logits": rounded(logits[::25]),
        "largest": rounded([np.abs(logits).max()])[0],
        "features": {name: value for name, value in features.items() if len(value["shape"]) == 4},
    }


def main():
    nets = {}
    for name, gain in NETS.items():
        model = models.get_model(name, weights=None, **({"init_weights": False} if name == "inception_v3" else {}))
        seed_model(model, gain)
        model.eval()
        nets[name] = {
            "gain": gain,
            "parameters": sum(p.numel() for p in model.parameters()),
            "runs": [run(model, *size) for size in SIZES],
        }
        print(name, nets[name]["runs"][0]["largest"], nets[name]["runs"][1]["largest"], flush=True)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
    with open("torchvision.json", "w") as file:
        json.dump({"versions": versions, "nets": nets}, file, separators=(",", ":"))


main()
