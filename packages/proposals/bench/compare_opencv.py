#!/usr/bin/env python3
"""Selective search against OpenCV's: time, recall and overlap of both, image by image, in one run.

    compare_opencv.py run LIST.json DATA MODE RESULTS.jsonl --tools TOOLS [--from I] [--to J] [--seeds N] [--opencv-seeds N]
    compare_opencv.py report RESULTS.jsonl

LIST is made by proposal_list.py. TOOLS holds opencv_selective_search.py (which times OpenCV, one thread) and
proposal_recall.py (which scores both sides). `run` appends to RESULTS, so a long comparison can be done in slices, both sides
taking turns slice by slice. Run it in packages/proposals; it needs OpenCV with ximgproc, and skips aloud without.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

COUNTS = ["100", "500", "1000", "2000", "all"]


def opencv_once(args, folder, seed):
    boxes = os.path.join(folder, "opencv.json")
    command = [sys.executable, os.path.join(args.tools, "opencv_selective_search.py"), os.path.join(folder, "list.json")]
    command += ["--root", args.data, "--mode", args.mode, "--threads", "1", "--seed", str(seed), "--boxes-out", boxes]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    with open(boxes) as f:
        found = json.load(f)
    return {r["path"]: {"ms": r["ms"], "cpu_ms": r["cpu_ms"], "boxes": [found[r["path"]]]} for r in json.loads(done.stdout)["images"]}


def opencv(entries, args, folder):
    """An order takes OpenCV a whole search; times are the first one's."""
    with open(os.path.join(folder, "list.json"), "w") as f:
        json.dump(entries, f)
    rows, *others = [opencv_once(args, folder, args.start + 1000 * i) for i in range(args.opencv_seeds)]
    for path, row in rows.items():
        row["boxes"] += [b for other in others for b in other[path]["boxes"]]
    return rows


def roikit(args, folder):
    out = os.path.join(folder, "roikit.json")
    command = ["npx", "tsx", "--conditions=@roikit/source", "bench/proposeList.ts", os.path.join(folder, "list.json")]
    subprocess.run(command + [args.data, args.mode, out, str(args.seeds)], check=True)
    with open(out) as f:
        return {r["path"]: r for r in json.load(f)}


def run(args):
    sys.path.insert(0, args.tools)
    import proposal_recall as pr

    with open(args.list) as f:
        entries = json.load(f)[args.start : args.to]
    counts = pr.parse_counts(",".join(COUNTS))
    with tempfile.TemporaryDirectory() as folder:
        sides = {"opencv": opencv(entries, args, folder), "roikit": roikit(args, folder)}
    with open(args.results, "a") as f:
        for entry in entries:
            row = {"path": entry["path"], "group": entry["group"], "mode": args.mode}
            for side, found in sides.items():
                hit = found[entry["path"]]
                orders = [pr.unique_boxes(b) for b in hit["boxes"]]
                best = [{n: b.tolist() for n, b in pr.best_overlaps(entry["boxes"], o, counts).items()} for o in orders]
                row[side] = {"ms": hit["ms"], "cpu_ms": hit["cpu_ms"], "boxes": len(orders[0]), "best": best}
            f.write(json.dumps(row) + "\n")


def figures(rows, side, count):
    """recall@0.5, recall@0.7 and average best overlap, pooled over the truths; means over the orders (seeds)."""
    out = []
    for order in range(len(rows[0][side]["best"])):
        best = [b for r in rows for b in r[side]["best"][order][count]]
        out.append([sum(b >= 0.5 for b in best) / len(best), sum(b >= 0.7 for b in best) / len(best), sum(best) / len(best)])
    return [statistics.fmean(column) for column in zip(*out)]


def report(args):
    with open(args.results) as f:
        rows = [json.loads(line) for line in f]
    for mode in dict.fromkeys(r["mode"] for r in rows):
        some = [r for r in rows if r["mode"] == mode]
        for group in ["all"] + sorted({r["group"] for r in some}):
            picked = [r for r in some if group in ("all", r["group"])]
            for side in ("opencv", "roikit"):
                ms = sorted(r[side]["ms"] for r in picked)
                cells = ["%.3f / %.3f / %.3f" % tuple(figures(picked, side, n)) for n in COUNTS]
                time = "%.0f (%.0f–%.0f)" % (statistics.median(ms), ms[len(ms) // 10], ms[-1 - len(ms) // 10])
                cpu = statistics.median(r[side]["cpu_ms"] for r in picked)
                boxes = statistics.fmean(r[side]["boxes"] for r in picked)
                print("| " + " | ".join([mode, group, str(len(picked)), side, time, "%.0f" % cpu, "%.0f" % boxes] + cells) + " |")
            for clock in ("ms", "cpu_ms"):
                ratios = sorted(r["opencv"][clock] / r["roikit"][clock] for r in picked)
                total = sum(r["opencv"][clock] for r in picked) / sum(r["roikit"][clock] for r in picked)
                print("  %s: total ratio %.2f, median %.2f, worst tenth %.2f" % (clock, total, statistics.median(ratios), ratios[len(ratios) // 10]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run")
    for name in ("list", "data", "mode", "results"):
        one.add_argument(name)
    one.add_argument("--tools", required=True)
    one.add_argument("--from", type=int, default=0, dest="start")
    one.add_argument("--to", type=int)
    one.add_argument("--seeds", type=int, default=5, help="orders of roikit's boxes")
    one.add_argument("--opencv-seeds", type=int, default=1)
    commands.add_parser("report").add_argument("results")
    args = parser.parse_args()
    if args.command == "report":
        return report(args)
    try:
        import cv2

        cv2.ximgproc.segmentation
    except (ImportError, AttributeError):
        return print("SKIPPED: this Python has no OpenCV with ximgproc (Debian: python3-opencv; PyPI: opencv-contrib-python)")
    run(args)


if __name__ == "__main__":
    main()
