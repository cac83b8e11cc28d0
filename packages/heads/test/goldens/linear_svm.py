"""Writes linear_svm.json: the optimal objectives that scikit-learn's LinearSVC (liblinear) finds, on seeded and on real features.

Run with a Python that has scikit-learn, torch, torchvision and safetensors:
    python3 linear_svm.py WEIGHTS BCCD
WEIGHTS: squeezenet1_1.safetensors with torchvision's names; BCCD: that data set's folder in VOC's layout.
Made with scikit-learn 1.9.1, torchvision 0.29.2. Features are stored as bytes; a feature is byte · scale + offset.
Real ones: every other channel of SqueezeNet's last map, averaged over crops of cells; positives are one class of cell.
"""
import base64
import json
import pathlib
import sys
import xml.etree.ElementTree as xml

import numpy as np
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from sklearn.svm import LinearSVC


def seeded():
    random = np.random.default_rng(0)
    labels = np.where(np.arange(300) % 5 == 0, 1, -1)
    features = random.normal(size=(300, 64)) + 0.25 * labels[:, None] * (np.arange(64) % 3 == 0)
    return np.clip(np.round(features * 32 + 128), 0, 255).astype(np.uint8), 1 / 32, -4.0, labels


def crops(folder, per_class=50):
    counts = {}
    for file in sorted((folder / "Annotations").glob("*.xml")):
        root = xml.parse(file).getroot()
        image = None
        for thing in root.iter("object"):
            name = thing.findtext("name")
            if counts.get(name, 0) >= per_class:
                continue
            counts[name] = counts.get(name, 0) + 1
            image = image or Image.open(folder / "JPEGImages" / (file.stem + ".jpg")).convert("RGB")
            box = [float(thing.find("bndbox").findtext(side)) for side in ("xmin", "ymin", "xmax", "ymax")]
            yield name, image.crop(box).resize((127, 127), Image.Resampling.BILINEAR)


def real(weights, folder):
    network = torchvision.models.squeezenet1_1()
    network.load_state_dict(load_file(weights))
    names, pictures = zip(*crops(folder))
    normalise = torchvision.transforms.Compose([
        torchvision.transforms.ToTensor(), torchvision.transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    with torch.no_grad():
        maps = network.eval().features(torch.stack([normalise(picture) for picture in pictures]))
    features = maps.mean((2, 3)).numpy()[:, ::2]
    step = features.max() / 255
    stored = np.round(features / step).astype(np.uint8)
    scale = 20 / np.linalg.norm(stored.astype(np.float64), axis=1).mean()  # mean norm 20, as R-CNN
    return stored, float(scale), 0.0, np.where(np.array(names) == "WBC", 1, -1)


def golden(stored, scale, offset, labels):
    features = (stored * np.float32(scale) + np.float32(offset)).astype(np.float32).astype(np.float64)
    cases = []
    for cost, bias, positive in ((1e-3, 10, 2), (1e-2, 1, 1), (1.0, 10, 4)):
        svm = LinearSVC(loss="hinge", dual=True, C=cost, intercept_scaling=bias, class_weight={1: positive},
                        tol=1e-8, max_iter=10_000_000, random_state=0).fit(features, labels)
        weights = np.append(svm.coef_[0], svm.intercept_[0] / bias)
        losses = np.maximum(0, 1 - labels * svm.decision_function(features))
        objective = weights @ weights / 2 + cost * (np.where(labels > 0, positive, 1) * losses).sum()
        cases.append({"cost": cost, "biasMultiplier": bias, "positiveWeight": positive, "objective": objective,
                      "bias": svm.intercept_[0], "norm": float(np.linalg.norm(svm.coef_))})
    return {"dimensions": stored.shape[1], "scale": scale, "offset": offset, "labels": labels.tolist(), "cases": cases,
            "features": base64.b64encode(stored.tobytes()).decode()}


result = {"seeded": golden(*seeded()), "real": golden(*real(sys.argv[1], pathlib.Path(sys.argv[2])))}
pathlib.Path(__file__).with_name("linear_svm.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
