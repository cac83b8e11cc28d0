"""What Python's ElementTree and json read from the shared datasets: counts and sums per class.

python3 annotations.py SHARED_DATA_FOLDER > annotations.json     (made with Python 3.11)
"""
import json
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

root = Path(sys.argv[1])


def entry():
    return {"boxes": 0, "sum": [0.0, 0.0, 0.0, 0.0]}


def add(classes, name, box):
    classes[name]["boxes"] += 1
    classes[name]["sum"] = [round(a + b, 2) for a, b in zip(classes[name]["sum"], box)]


def bccd(ids):
    classes = defaultdict(entry)
    empty = []
    for name in ids:
        for obj in ElementTree.parse(root / "bccd/Annotations" / f"{name}.xml").getroot().iter("object"):
            xmin, ymin, xmax, ymax = (float(obj.find(f"bndbox/{k}").text) for k in ("xmin", "ymin", "xmax", "ymax"))
            if xmax <= xmin or ymax <= ymin:
                empty.append(name)
            else:
                add(classes, obj.find("name").text, (xmin - 1, ymin - 1, xmax, ymax))
    return {"images": len(ids), "classes": dict(sorted(classes.items())), "empty": empty}


def coco128():
    content = json.loads((root / "coco128/instances.json").read_text())
    names = {category["id"]: category["name"] for category in content["categories"]}
    classes = defaultdict(entry)
    for annotation in content["annotations"]:
        x, y, w, h = annotation["bbox"]
        add(classes, names[annotation["category_id"]], (x, y, x + w, y + h))
    crowd = sum(annotation["iscrowd"] for annotation in content["annotations"])
    area = round(sum(annotation["area"] for annotation in content["annotations"]), 1)
    order = [names[i] for i in sorted(names)]
    return {"images": len(content["images"]), "order": order, "classes": dict(classes), "crowd": crowd, "area": area}


sets = {p.stem: p.read_text().split() for p in sorted((root / "bccd/ImageSets/Main").glob("*.txt"))}
sets["all"] = [p.stem for p in sorted((root / "bccd/Annotations").glob("*.xml"))]
print(json.dumps({"bccd": {k: bccd(v) for k, v in sets.items()}, "coco128": coco128()}))
