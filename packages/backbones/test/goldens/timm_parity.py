"""Writes timm.json: what timm computes with the seeded weights of seeded.py, drawn under timm's key names.

Run with Python 3 and timm 1.0.31 (torch 1.13 will do): `python3 timm_parity.py` in this folder.
"""
import json

import numpy as np
import timm
import torch

from seeded import image, seed_model

NETS = {
    "vgg11": ("vgg11", 1),
    "resnet18": ("resnet18", 0.6),
    "densenet121": ("densenet121", 1),
    "mobilenetV1": ("mobilenetv1_100", 1),
    "mobilenetV2": ("mobilenetv2_100", 1),
    "mobilenetV3Large": ("mobilenetv3_large_100", 1),
    "mobilenetV3Small": ("mobilenetv3_small_100", 1),
    "inceptionV3": ("inception_v3", 1),
    "xception": ("legacy_xception", 0.7),
}


def rounded(values):
    return [float(f"{value:.7g}") for value in np.asarray(values, dtype=np.float64).ravel()]


nets = {}
for builder, (name, gain) in NETS.items():
    size = (224, 224) if name == "vgg11" else (97, 130)
    model = timm.create_model(name)
    seed_model(model, gain)
    model.eval()
    with torch.no_grad():
        logits = model(image(1, *size))[0].numpy()
    nets[builder] = {"gain": gain, "size": size, "logits": rounded(logits[::25]), "largest": rounded([np.abs(logits).max()])[0]}
    print(name, nets[builder]["largest"], logits.std())
with open("timm.json", "w") as file:
    json.dump({"versions": {"timm": timm.__version__, "torch": torch.__version__}, "nets": nets}, file, separators=(",", ":"))
