"""Writes training.json: loss and gradients of one training step in torchvision, batch norm in training mode.

Run with Python 3, torch 1.13 and torchvision 0.14: `python3 training_step.py` in this folder. Seeded weights and images
of seeded.py, 10 classes, labels 1, 4, 7, 9, dropout 0; computed in float64. Of every 8th or so parameter: the
gradient's root mean square, 8 values spread over it in PyTorch's order, and `float32Error`, how far PyTorch's own
float32 gradient is from the float64 one (rms over rms). Batch norm over few values and ReLUs near 0 amplify rounding:
in deep networks that error is of the order of 1e-2, and no float32 implementation can be held to less.
"""
import json

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision import models

from seeded import image, seed_model

NETS = {
    "resnet18": (0.6, 64), "resnet50": (0.6, 64), "resnext50_32x4d": (0.6, 64), "squeezenet1_1": (1, 64),
    "mobilenet_v2": (1, 64), "mobilenet_v3_small": (1, 64), "shufflenet_v2_x0_5": (1, 64), "densenet121": (1, 64),
}


def rounded(values):
    return [float(f"{value:.7g}") for value in np.asarray(values, dtype=np.float64).ravel()]


def rms(values):
    return np.sqrt(np.mean(values**2))


def describe(exact, single):
    flat = exact.numpy().ravel().astype(np.float64)
    other = single.numpy().ravel().astype(np.float64)
    indices = np.linspace(0, flat.size - 1, 8).astype(int)
    error = float(f"{rms(other - flat) / rms(flat):.2g}")
    return {"rms": rounded([rms(flat)])[0], "values": rounded(flat[indices]), "float32Error": error}


def step(name, gain, size, dtype):
    options = {"num_classes": 10}
    model = models.get_model(name, weights=None, **options)
    seed_model(model, gain)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0
    model = model.to(dtype).train()
    loss = nn.functional.cross_entropy(model(image(4, size, size).to(dtype)), torch.tensor([1, 4, 7, 9]))
    loss.backward()
    return loss.item(), [(key, parameter.grad) for key, parameter in model.named_parameters()]


nets = {}
for name, (gain, size) in NETS.items():
    loss, exact = step(name, gain, size, torch.float64)
    loss32, single = step(name, gain, size, torch.float32)
    # Before a batch norm some gradients are exactly 0 but for rounding; they say nothing.
    alive = [i for i, (_, gradient) in enumerate(exact) if rms(gradient.numpy()) > 1e-9]
    chosen = sorted({alive[0], *alive[:: max(1, len(alive) // 8)], alive[-1]})
    nets[name] = {
        "gain": gain,
        "size": size,
        "loss": float(f"{loss:.9g}"),
        "lossFloat32Error": float(f"{abs(loss32 / loss - 1):.2g}"),
        "gradients": {exact[i][0]: describe(exact[i][1], single[i][1]) for i in chosen},
    }
    print(name, loss, nets[name]["lossFloat32Error"], max(g["float32Error"] for g in nets[name]["gradients"].values()))
with open("training.json", "w") as file:
    json.dump({"versions": {"torch": torch.__version__, "torchvision": torchvision.__version__}, "nets": nets}, file, separators=(",", ":"))
