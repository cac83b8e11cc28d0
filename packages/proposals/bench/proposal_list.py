#!/usr/bin/env python3
"""Writes the list of images and true boxes that the selective search comparison reads.

    proposal_list.py DATA > LIST.json

DATA holds `coco128` (images/, instances.json) and `bccd` (JPEGImages/, Annotations/). Crowd annotations and boxes without an
area are left out. LIST is what the shared tools opencv_selective_search.py and proposal_recall.py take.
"""
import glob
import json
import os
import sys
import xml.etree.ElementTree as ET


def coco(root):
    with open(os.path.join(root, "coco128", "instances.json")) as f:
        data = json.load(f)
    boxes = {}
    for a in data["annotations"]:
        x, y, w, h = a["bbox"]
        if not a.get("iscrowd"):
            boxes.setdefault(a["image_id"], []).append([x, y, x + w, y + h])
    for image in sorted(data["images"], key=lambda i: i["id"]):
        yield {"path": "coco128/images/" + image["file_name"], "boxes": boxes.get(image["id"], []), "group": "coco128"}


def bccd(root):
    for path in sorted(glob.glob(os.path.join(root, "bccd", "Annotations", "*.xml"))):
        boxes = []
        for item in ET.parse(path).getroot().iter("bndbox"):
            x1, y1, x2, y2 = (float(item.find(k).text) for k in ("xmin", "ymin", "xmax", "ymax"))
            if x2 > x1 and y2 > y1:
                boxes.append([x1 - 1, y1 - 1, x2, y2])  # VOC: 1-based, inclusive
        name = os.path.basename(path)[: -len(".xml")]
        yield {"path": "bccd/JPEGImages/%s.jpg" % name, "boxes": boxes, "group": "bccd"}


json.dump(list(coco(sys.argv[1])) + list(bccd(sys.argv[1])), sys.stdout)
