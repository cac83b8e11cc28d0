"""Writes torchvision_detectors.json: torchvision's four Faster R-CNNs on seeded weights and pictures.

Run with a Python that has torch and torchvision:  python3 torchvision_detectors.py
Weights are drawn by name, bit by bit alike in Python and TypeScript (backbones/test/goldens/seeded.py); made with torch
2.15.0, torchvision 0.29.2. Of maps: shape, root mean square and values spread over them. A training step takes the samples
that are listed, in place of random ones; losses and gradients are float64's. Of a gradient: its norm, and a count sketch
(Charikar et al. 2002), 32 sums of all its values with random signs: the norm of two sketches' difference estimates that of
the gradients' difference, without bias. `float32Error` is how far PyTorch's own float32 gradient is, norm over norm.
Batch norms stay as they are, in torchvision's v2 model too.

A step has weights of its own (STEP). With those of detection, float32 errs by up to 5e-5 of a layer's spread, and of its
millions of values one or two lie so near the kink of a ReLU or hard swish that rounding decides on which side: one value
in layer2.1 (ResNet) or in fc7 (MobileNet) then moves gradients by 1e-3, in every implementation other ones. With kernels
that keep activations near 1 float32 errs by 2e-6, and biases near +1 or -1 hold most channels open or closed: such a value
is rare, and moves gradients by 1e-4.
"""
import json
import pathlib
import sys

import numpy as np
import torch
import torchvision
from torchvision.models import mobilenet_v3_large, resnet50
from torchvision.models.detection import FasterRCNN, fasterrcnn_resnet50_fpn_v2
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import _mobilenet_extractor, _resnet_fpn_extractor
from torchvision.models.detection.image_list import ImageList
from torchvision.ops.misc import FrozenBatchNorm2d

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here / "../../../backbones/test/goldens"))
from seeded import signed, tensor  # noqa: E402

SIZES = [(97, 131), (150, 90)]  # height and width
LIMITS = {"min_size": 128, "max_size": 224}


def frozen(eps):
    return lambda channels: FrozenBatchNorm2d(channels, eps=eps)


def resnet_v1(eps=0.0):
    body = resnet50(weights=None, norm_layer=frozen(eps))
    return FasterRCNN(_resnet_fpn_extractor(body, 3), 91, **LIMITS)


def resnet_v2():
    return fasterrcnn_resnet50_fpn_v2(weights=None, weights_backbone=None, trainable_backbone_layers=5, **LIMITS)


def mobilenet(**test):
    body = mobilenet_v3_large(weights=None, norm_layer=frozen(1e-5))
    anchors = AnchorGenerator(((32, 64, 128, 256, 512),) * 3, ((0.5, 1.0, 2.0),) * 3)
    settings = {"rpn_score_thresh": 0.05, **LIMITS, **test}
    return FasterRCNN(_mobilenet_extractor(body, True, 3), 91, rpn_anchor_generator=anchors, **settings)


# Of the layers that predict, so that scores and boxes are neither all alike nor all at a limit; "" is every other layer
# (networks that add are kept from growing with depth). The first part that a key holds counts.
V1 = {"cls_logits": 1.5, "rpn.head.bbox_pred": 0.5, "cls_score": 8, "box_predictor.bbox_pred": 1.5, "": 0.6}
V2 = {"cls_logits": 4, "rpn.head.bbox_pred": 0.6, "cls_score": 32, "box_predictor.bbox_pred": 5, "": 0.6}
MOBILE = {"backbone.fpn": 0.1, "cls_logits": 0.6, "rpn.head.bbox_pred": 0.2, "cls_score": 2.1, "box_predictor.bbox_pred": 0.5, "": 1}
NETS = {
    "fasterrcnn_resnet50_fpn": (resnet_v1, V1),
    "fasterrcnn_resnet50_fpn_v2": (resnet_v2, V2),
    "fasterrcnn_mobilenet_v3_large_fpn": (mobilenet, MOBILE),
    "fasterrcnn_mobilenet_v3_large_320_fpn": (
        lambda: mobilenet(rpn_pre_nms_top_n_test=150, rpn_post_nms_top_n_test=150), MOBILE,
    ),
}


# Of a training step: kernels' gains, and how far biases are from 0 (not those of layers that predict).
STEP_V1 = {"cls_logits": 1.5, "rpn.head.bbox_pred": 0.5, "cls_score": 2, "box_predictor.bbox_pred": 1, "": 0.4}
STEP = {
    "fasterrcnn_resnet50_fpn": STEP_V1,
    "fasterrcnn_resnet50_fpn_v2": STEP_V1,
    "fasterrcnn_mobilenet_v3_large_fpn": {**STEP_V1, "": 0.6},
}
OFFSET = 1


def seed(model, gains, offset=0):
    state = model.state_dict()
    for key, value in state.items():
        if not key.endswith("num_batches_tracked"):
            gain = next(value for part, value in gains.items() if part in key)
            state[key] = tensor(key, tuple(value.shape), gain)
            if key.endswith(".bias") and not any(part in key for part in PREDICTORS):
                state[key] += offset * torch.sign(state[key])
    model.load_state_dict(state)


PREDICTORS = ["cls_logits", "bbox_pred", "cls_score"]


def shapes(model):
    return {key: list(value.shape) for key, value in model.state_dict().items() if not key.endswith("num_batches_tracked")}


def picture(name, height, width):
    """Bytes [height, width, 3]: squares of 8 pixels of random colours."""
    rows, columns = -(-height // 8), -(-width // 8)
    colours = np.floor((signed(name, rows * columns * 3) + 1) * 128).astype(np.uint8).reshape(rows, columns, 3)
    return colours.repeat(8, 0).repeat(8, 1)[:height, :width]


def floats(values, digits=7):
    return [float(f"{value:.{digits}g}") for value in np.asarray(values, dtype=np.float64).ravel()]


def describe(values, count=12):
    flat = values.detach().numpy().ravel()
    return {"shape": list(values.shape), "values": floats(flat[np.linspace(0, flat.size - 1, count).astype(int)]),
            "rms": floats([np.sqrt(np.mean(flat.astype(np.float64) ** 2))])[0]}


def inputs(names_and_sizes):
    return [torch.from_numpy(picture(*one).copy()).permute(2, 0, 1).float() / 255 for one in names_and_sizes]


def detect(model, name, size):
    model.eval()
    images = inputs([(name, *size)])
    with torch.no_grad():
        batch, _ = model.transform(images)
        maps = model.backbone(batch.tensors)
        proposals, _ = model.rpn(batch, maps)
        logits, _ = model.rpn.head(list(maps.values()))
        detections = model(images)[0]
    anchors = model.rpn.anchor_generator(batch, list(maps.values()))[0]
    return {
        "name": name, "size": list(size), "resized": list(batch.image_sizes[0]), "padded": list(batch.tensors.shape[2:]),
        "anchors": describe(anchors, 40), "maps": [describe(m.permute(0, 2, 3, 1).contiguous()) for m in maps.values()],
        "objectness": [describe(m.permute(0, 2, 3, 1).contiguous()) for m in logits],
        "proposals": floats(proposals[0][:100], 6),
        "boxes": floats(detections["boxes"], 6), "scores": floats(detections["scores"], 6), "labels": detections["labels"].tolist(),
    }


TRUTHS = [
    ([[12, 8, 70, 60], [50, 30, 120, 90], [5, 50, 40, 95]], [1, 18, 90]),
    ([[30, 10, 100, 45], [60, 40, 131, 97]], [3, 44]),
]


def step(model):
    """Losses and gradients, and the samples that were taken: every 3rd positive, and negatives of all levels."""
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval().requires_grad_(False)
    taken = {}

    def spread(indices):
        return indices[::max(1, len(indices) // 120)]

    def sampler(kind):
        def sample(labels):
            picked = [(torch.where(l >= 1)[0][::3][:40], spread(torch.where(l == 0)[0])) for l in labels]
            taken[kind] = [(p.tolist(), n.tolist()) for p, n in picked]
            def mask(l, indices):
                result = torch.zeros_like(l, dtype=torch.uint8)
                result[indices] = 1
                return result
            return [mask(l, p) for l, (p, _) in zip(labels, picked)], [mask(l, n) for l, (_, n) in zip(labels, picked)]
        return sample

    model.rpn.fg_bg_sampler = sampler("anchors")
    model.roi_heads.fg_bg_sampler = sampler("regions")
    select, assign = model.roi_heads.select_training_samples, model.rpn.box_coder.encode
    encoded = []

    def keep_regions(proposals, targets):
        result = select(proposals, targets)
        taken["proposals"], _, taken["labels"], taken["targets"] = result
        return result

    def keep_anchors(references, given):
        encoded.append(assign(references, given))
        return encoded[-1]

    model.roi_heads.select_training_samples = keep_regions
    model.rpn.box_coder.encode = keep_anchors
    targets = [{"boxes": torch.tensor(b, dtype=torch.float32), "labels": torch.tensor(l)} for b, l in TRUTHS]
    pictures = inputs([("step0", *SIZES[0]), ("step1", *SIZES[0])])
    losses = model(pictures, targets)
    sum(losses.values()).backward()
    images = [{
        "name": f"step{i}", "size": list(SIZES[0]),
        "positive": taken["anchors"][i][0], "negative": taken["anchors"][i][1],
        "anchorTargets": floats(encoded[0][i][taken["anchors"][i][0]]),
        "regions": floats(taken["proposals"][i].detach()), "labels": taken["labels"][i].tolist(),
        "boxTargets": floats(taken["targets"][i]),
    } for i in range(2)]
    single = {k: p.grad for k, p in model.named_parameters() if p.requires_grad and p.grad is not None}
    losses, exact = exact_step(model, pictures, targets, taken)
    gradients = {k: {**sketch(g), "float32Error": float(f"{(single[k] - g).norm() / g.norm():.2g}")} for k, g in exact.items()}
    return {"images": images, "losses": losses, "gradients": gradients}


def sketch(gradient, count=32):
    """Every value goes into one of the sums, with a sign; both by a hash of its index."""
    flat = gradient.numpy().ravel()
    hashed = signed("sketch", flat.size).astype(np.float64)
    sums = np.bincount(np.floor(np.abs(hashed) * count).astype(int).clip(max=count - 1), np.where(hashed < 0, -flat, flat), count)
    return {"shape": list(gradient.shape), "norm": floats([np.linalg.norm(flat)])[0], "sketch": floats(sums, 6)}


def exact_step(model, pictures, targets, taken):
    """Losses and gradients of the same samples in float64."""
    model.double().zero_grad()
    rows = [l for l in taken["labels"]], [t.double() for t in taken["targets"]]
    proposals = [p.detach().double() for p in taken["proposals"]]
    model.roi_heads.select_training_samples = lambda *_: (proposals, None, *rows)
    given = [{"boxes": t["boxes"].double(), "labels": t["labels"]} for t in targets]
    losses = model([p.double() for p in pictures], given)
    sum(losses.values()).backward()
    return {k: v.item() for k, v in losses.items()}, {k: p.grad for k, p in model.named_parameters() if p.requires_grad and p.grad is not None}


def anchors_of(size):
    """At full size: counts, and some boxes, of the ResNet's five levels."""
    height, width = size
    maps = [torch.zeros(1, 1, -(-height // s), -(-width // s)) for s in (4, 8, 16, 32, 64)]
    generator = AnchorGenerator(((32,), (64,), (128,), (256,), (512,)), ((0.5, 1.0, 2.0),) * 5)
    boxes = generator(ImageList(torch.zeros(1, 3, *size), [size]), maps)[0]
    rows = np.linspace(0, len(boxes) - 1, 40).astype(int)
    return {"size": list(size), "count": len(boxes), "rows": rows.tolist(), "boxes": floats(boxes[rows])}


def main():
    torch.set_num_threads(2)
    nets = {}
    for name, (build, gains) in NETS.items():
        model = build()
        seed(model, gains)
        runs = [detect(model, f"picture{i}", size) for i, size in enumerate(SIZES)]
        nets[name] = {"gains": gains, "shapes": shapes(model), "runs": runs}
        if name in STEP:  # the 320 model trains as the other
            seed(model, STEP[name], OFFSET)
            nets[name]["step"] = {"gains": STEP[name], "offset": OFFSET, **step(model)}
        print(name, len(runs[0]["scores"]), len(runs[1]["scores"]), runs[0]["scores"][:4], nets[name].get("step", {}).get("losses"), flush=True)
    other = resnet_v1(1e-5)
    seed(other, V1)
    golden = {
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__}, "nets": nets,
        "normEps": detect(other, "picture0", SIZES[0]),
        "anchors": [anchors_of(size) for size in ((800, 1344), (800, 1088), (1344, 416))],
    }
    (here / "torchvision_detectors.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
