"""Events as TensorBoard's own writer has them, and what its reader finds in files.

python -m venv v && v/bin/pip install tensorboard==2.21.0 'setuptools<80'
v/bin/python apps/cli/test/goldens/eventFile.py > apps/cli/test/goldens/eventFile.json
v/bin/python apps/cli/test/goldens/eventFile.py runs/train/x/tensorboard   # prints what TensorBoard would show
"""
import base64
import io
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

# Steps of one, two and five bytes, values that float32 has and has not, a tag outside ASCII.
EVENTS = [
    {"wallTime": 1700000000.25, "fileVersion": "brain.Event:2"},
    {"wallTime": 1700000001.5, "step": 1, "scalars": {"loss/total": 1.75, "learning_rate": 0.001}},
    {"wallTime": 1700000002.125, "step": 300, "scalars": {"loss/total": 0.1, "validation/개": 0.0}},
    {"wallTime": 1700000003.0, "step": 200, "restart": True},
    {"wallTime": 1700000003.5, "step": 5000000000, "scalars": {"loss/total": -2.5}},
]


def to_proto(event):
    proto = Event(wall_time=event["wallTime"], step=event.get("step", 0))
    if "fileVersion" in event:
        proto.file_version = event["fileVersion"]
    if event.get("restart"):
        proto.session_log.CopyFrom(SessionLog(status=SessionLog.START))
    if "scalars" in event:
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in event["scalars"].items()]
        proto.summary.CopyFrom(Summary(value=values))
    return proto


def golden():
    file = io.BytesIO()
    writer = RecordWriter(file)
    for event in EVENTS:
        writer.write(to_proto(event).SerializeToString())
    print(json.dumps({"events": EVENTS, "file": base64.b64encode(file.getvalue()).decode()}, ensure_ascii=False))


def show(folder):
    found = EventAccumulator(folder, size_guidance={"tensors": 0, "scalars": 0}).Reload()
    scalars = {tag: [[e.step, round(e.value, 6)] for e in found.Scalars(tag)] for tag in found.Tags()["scalars"]}
    print(json.dumps(scalars, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    show(sys.argv[1]) if len(sys.argv) > 1 else golden()
