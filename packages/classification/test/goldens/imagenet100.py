"""Writes imagenet100.json: what PyTorch says of the shared ImageNet images with the shared SqueezeNet 1.1 weights.

`python3 imagenet100.py SHARED` with torch 1.13, torchvision 0.14 and the path of the folder that holds data/ and weights/.
"""
import json
import pathlib
import struct
import sys

import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision import models, transforms

shared = pathlib.Path(sys.argv[1])
raw = (shared / "weights/squeezenet1_1.safetensors").read_bytes()
length = struct.unpack("<Q", raw[:8])[0]
state = {}
for key, entry in json.loads(raw[8 : 8 + length]).items():
    if key != "__metadata__":
        begin, end = entry["data_offsets"]
        values = np.frombuffer(raw[8 + length + begin : 8 + length + end], dtype=np.float32)
        state[key] = torch.from_numpy(values.reshape(entry["shape"]).copy())
model = models.squeezenet1_1()
model.load_state_dict(state)
model.eval()
prepare = transforms.Compose([
    transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
folder = shared / "data/imagenet-100"
wnids = (folder / "wnids.txt").read_text().split()
images, hits1, hits5 = {}, 0, 0
for path in sorted(folder.glob("*.JPEG")):
    with torch.no_grad():
        logits = model(prepare(Image.open(path).convert("RGB"))[None])[0]
    top = logits.topk(5)
    truth = wnids.index(path.name.split("_")[0])
    hits1 += truth == top.indices[0].item()
    hits5 += truth in top.indices.tolist()
    images[path.name] = {"truth": truth, "labels": top.indices.tolist(), "logits": [round(v, 4) for v in top.values.tolist()]}
print(len(images), "images, top-1", hits1, "top-5", hits5)
versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
with open("imagenet100.json", "w") as file:
    json.dump({"versions": versions, "top1": hits1, "top5": hits5, "images": images}, file, separators=(",", ":"))
