"""Writes faster_rcnn.json: torchvision's parts of Faster R-CNN with FPN on seeded input, forward and backward.

Run with a Python that has torch and torchvision:  python3 faster_rcnn.py
Made with torch 2.15.0, torchvision 0.29.2. Inputs are rounded so that the file stays small and exact; maps are written
NHWC and convolution kernels HWIO.
"""
import json
import pathlib

import torch
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNConvFCHead, FastRCNNPredictor
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import fastrcnn_loss
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead, concat_box_prediction_layers
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign, generalized_box_iou_loss
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool
from torchvision.ops.poolers import initLevelMapper

torch.manual_seed(0)


def grid(tensor, steps=64):
    """Rounds to multiples of 1/steps, a power of two: exact in float32 and short in JSON."""
    return (tensor * steps).round() / steps


def flat(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()]


def nhwc(tensor):
    return {"shape": list(tensor.permute(0, 2, 3, 1).shape), "data": flat(tensor.permute(0, 2, 3, 1))}


def weight(tensor):
    ordered = tensor.permute(2, 3, 1, 0) if tensor.dim() == 4 else tensor
    return {"shape": list(ordered.shape), "data": flat(ordered)}


def randomise(module):
    for parameter in module.parameters():
        parameter.data = grid(torch.randn(parameter.shape) * 0.5)
    for name, buffer in module.named_buffers():
        if name.endswith("running_mean"):
            buffer.data = grid(torch.randn(buffer.shape))
        if name.endswith("running_var"):
            buffer.data = grid(torch.rand(buffer.shape) + 0.5)


def state(module):
    return {k: weight(v) for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}


def pyramid(norm_layer):
    channels, sizes = [3, 5, 4], [(11, 14), (6, 7), (3, 4)]
    fpn = FeaturePyramidNetwork(channels, 6, LastLevelMaxPool(), norm_layer).eval()
    randomise(fpn)
    maps = {str(i): grid(torch.randn(2, c, *size)).requires_grad_() for i, (c, size) in enumerate(zip(channels, sizes))}
    outputs = fpn(maps)
    upstream = {k: grid(torch.randn(v.shape), 8) for k, v in outputs.items()}
    sum((outputs[k] * upstream[k]).sum() for k in outputs).backward()
    return {
        "inChannels": channels, "weights": state(fpn), "maps": [nhwc(v) for v in maps.values()],
        "outputs": [nhwc(v) for v in outputs.values()], "upstream": [nhwc(v) for v in upstream.values()],
        "mapGradients": [nhwc(v.grad) for v in maps.values()],
        "weightGradients": {k: weight(v.grad) for k, v in fpn.named_parameters()},
    }


def head(depth):
    module = RPNHead(4, 3, conv_depth=depth)
    randomise(module)
    maps = [grid(torch.randn(2, 4, 5, 7)), grid(torch.randn(2, 4, 3, 4))]
    logits, deltas = module(maps)
    all_logits, all_deltas = concat_box_prediction_layers(logits, deltas)
    return {"weights": state(module), "maps": [nhwc(m) for m in maps], "objectness": flat(all_logits), "offsets": flat(all_deltas)}


SIZE, LEVELS = (70, 106), [(10, 14), (5, 7), (3, 4)]  # un-padded height and width; padded to 80 x 112


def network(**options):
    settings = dict(fg_iou_thresh=0.7, bg_iou_thresh=0.3, batch_size_per_image=256, positive_fraction=0.5,
                    pre_nms_top_n=dict(training=40, testing=40), post_nms_top_n=dict(training=60, testing=60), nms_thresh=0.7)
    generator = AnchorGenerator(((12,), (24,), (48,)), ((0.5, 1.0, 2.0),) * 3)
    return RegionProposalNetwork(generator, torch.nn.Identity(), **{**settings, **options})


def proposals():
    maps = [torch.zeros(1, 1, *size) for size in LEVELS]
    rpn = network()
    anchors = rpn.anchor_generator(ImageList(torch.zeros(1, 3, 80, 112), [SIZE]), maps)[0]
    counts = [3 * h * w for h, w in LEVELS]
    logits = grid(torch.randn(len(anchors)) * 2, 4096)
    deltas = grid(torch.randn(len(anchors), 4) * 0.3)
    decoded = rpn.box_coder.decode(deltas, [anchors]).view(1, -1, 4)
    cases = []
    for options in (dict(), dict(score_thresh=0.9), dict(nms_thresh=0.3), dict(post_nms_top_n=dict(training=7, testing=7))):
        boxes, scores = network(**options).eval().filter_proposals(decoded, logits[:, None], [SIZE], counts)
        cases.append({"boxes": flat(boxes[0]), "scores": flat(scores[0])})
    return {"anchors": flat(anchors), "anchorsPerLevel": counts, "objectness": flat(logits), "offsets": flat(deltas),
            "imageSize": {"width": SIZE[1], "height": SIZE[0]}, "cases": cases}, anchors, logits, deltas


def training(anchors, logits, deltas):
    rpn = network()
    truths = [torch.tensor([[10.0, 12, 40, 30], [50, 5, 98, 60], [47, 11, 60, 21], [3, 40, 22, 66.5]]), torch.zeros(0, 4)]
    labels, matched = rpn.assign_targets_to_anchors([anchors, anchors], [{"boxes": t} for t in truths])
    targets = rpn.box_coder.encode(matched, [anchors, anchors])
    positive, negative = (torch.where(labels[0] == v)[0] for v in (1, 0))
    negative = negative[::7]
    other = torch.arange(3, len(anchors), 11)
    batch = [grid(torch.stack([logits, logits.flip(0)])).requires_grad_(), torch.stack([deltas, deltas.flip(0)]).requires_grad_()]

    def sampler(_):
        masks = [torch.zeros(len(anchors), dtype=torch.uint8) for _ in range(4)]
        masks[0][positive], masks[2][negative], masks[3][other] = 1, 1, 1
        return masks[:2], masks[2:]

    rpn.fg_bg_sampler = sampler
    losses = rpn.compute_loss(batch[0].reshape(-1, 1), batch[1].reshape(-1, 4), labels, targets)
    (losses[0] + 3 * losses[1]).backward()
    return {"truth": flat(truths[0]), "labels": labels[0].int().tolist(), "boxTargets": flat(targets[0][positive]),
            "positive": positive.tolist(), "negative": negative.tolist(), "otherNegative": other.tolist(),
            "losses": [value.item() for value in losses],
            "objectnessGradient": flat(batch[0].grad[batch[0].grad != 0]),
            "offsetsGradient": flat(batch[1].grad[0][positive])}


def pooling():
    maps = {str(i): grid(torch.randn(2, 2, h, w)).requires_grad_() for i, (h, w) in enumerate([(20, 28), (10, 14), (5, 7)])}
    corner = torch.rand(16, 2) * torch.tensor([60.0, 40])
    size = torch.exp(torch.rand(16, 1) * 3 + 1.5) * torch.tensor([1.2, 0.8])
    boxes = grid(torch.cat([corner, corner + size], 1))
    indices = torch.arange(16) % 2
    order = torch.cat([torch.where(indices == 0)[0], torch.where(indices == 1)[0]])
    pool = MultiScaleRoIAlign(["0", "1", "2"], (2, 3), 2, canonical_scale=32, canonical_level=3)
    output = pool(maps, [boxes[indices == 0], boxes[indices == 1]], [(77, 110), (80, 101)])
    upstream = grid(torch.randn(output.shape), 8)
    (output * upstream).sum().backward()
    return {"maps": [nhwc(v) for v in maps.values()], "boxes": flat(boxes[order]), "boxIndices": indices[order].tolist(),
            "scales": pool.scales, "output": nhwc(output), "upstream": nhwc(upstream),
            "gradients": [nhwc(v.grad) for v in maps.values()]}


def levels():
    sides = torch.tensor([0.5, 111.9, 112, 112.1, 223.9, 224, 447.9, 448, 895, 896, 3000.0])
    boxes = torch.cat([torch.zeros(len(sides), 2), torch.stack([sides, sides], 1)], 1)
    corner = torch.rand(100, 2) * 300
    boxes = torch.cat([boxes, grid(torch.cat([corner, corner + torch.exp(torch.rand(100, 2) * 4 + 3)], 1))])
    return {"boxes": flat(boxes), "levels": initLevelMapper(2, 5)([boxes]).tolist()}


def giou():
    corner = torch.rand(24, 2) * 60
    boxes = grid(torch.cat([corner, corner + 5 + torch.rand(24, 2) * 30], 1)).requires_grad_()
    targets = grid(boxes.detach() + torch.randn(24, 4) * torch.tensor([2.0] * 4) + (torch.arange(24) % 3)[:, None] * 12)
    loss = generalized_box_iou_loss(boxes, targets, reduction="sum")
    loss.backward()
    return {"boxes": flat(boxes), "targets": flat(targets), "loss": loss.item(), "gradient": flat(boxes.grad)}


def head_loss():
    logits = grid(torch.randn(9, 4)).requires_grad_()
    offsets = grid(torch.randn(9, 16) * 0.3).requires_grad_()
    labels, targets = torch.tensor([0, 2, 1, 0, 3, 3, 0, 0, 1]), grid(torch.randn(9, 4) * 0.3)
    losses = fastrcnn_loss(logits, offsets, [labels], [targets])
    (losses[0] + losses[1]).backward()
    return {"logits": flat(logits), "offsets": flat(offsets), "labels": labels.tolist(), "boxTargets": flat(targets),
            "losses": [value.item() for value in losses], "logitsGradient": flat(logits.grad), "offsetsGradient": flat(offsets.grad)}


def conv_head():
    # Built last, so that what the generator drew for the parts above stays.
    head, predictor = FastRCNNConvFCHead((3, 2, 4), [5, 6], [7, 8], torch.nn.BatchNorm2d).eval(), FastRCNNPredictor(8, 3)
    randomise(head), randomise(predictor)
    features = grid(torch.randn(4, 3, 2, 4))
    scores, offsets = predictor(head(features))
    weights = {**state(head), **state(predictor)}
    for key, value in weights.items():
        if len(value["shape"]) == 2:
            matrix = torch.tensor(value["data"]).reshape(value["shape"])
            if key == "3.weight":  # its columns are C, H, W
                matrix = matrix.reshape(-1, 6, 2, 4).permute(0, 2, 3, 1).flatten(1)
            weights[key] = weight(matrix.T)
    return {"weights": weights, "features": nhwc(features), "scores": flat(scores), "offsets": flat(offsets)}


filtered, *predictions = proposals()
golden = {
    "pyramid": pyramid(None), "pyramidBatchNorm": pyramid(torch.nn.BatchNorm2d), "rpnHead": [head(1), head(2)],
    "proposals": filtered, "training": training(*predictions), "pooling": pooling(), "levels": levels(), "giou": giou(),
    "headLoss": head_loss(), "convHead": conv_head(),
}
path = pathlib.Path(__file__).with_name("faster_rcnn.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
