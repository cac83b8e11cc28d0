"""Writes checkpoints.json, files of PyTorch's shape by their names: `python3 make_checkpoints.py`.

Python's own pickle writes them, over stand-ins that bear PyTorch's names; no PyTorch is needed. The layout is that of
torch.save (torch/serialization.py): data.pkl and data/KEY in a zip, or the pickles one after another.
"""
import argparse
import base64
import collections
import datetime
import enum
import fractions
import functools
import io
import json
import os
import pathlib
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict


def module(name):
    if name not in sys.modules:
        sys.modules[name] = types.ModuleType(name)
        if "." in name:
            module(name.rpartition(".")[0])
    return sys.modules[name]


def stand_in(path, value=None):
    """A class or function that pickle names by `path`."""
    owner, name = path.rsplit(".", 1)
    if value is None:
        value = type(name, (), {})
    value.__module__, value.__qualname__, value.__name__ = owner, name, name
    setattr(module(owner), name, value)
    return value


def function(path):
    def nothing(*_):
        raise AssertionError("never called")

    return stand_in(path, nothing)


rebuild = {
    name: function(f"torch._utils.{name}")
    for name in (
        "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state "
        "_rebuild_qtensor _rebuild_sparse_tensor"
    ).split()
}
from_type = function("torch._tensor._rebuild_from_type_v2")
names = {}


def named(path):
    """The class that stands for `path`, made once."""
    if path not in names:
        names[path] = stand_in(path)
    return names[path]


CODES = {"Float": "f", "Double": "d", "Long": "q", "Int": "i", "Short": "h", "Char": "b", "Byte": "B", "Half": "e", "QInt8": "b", "QUInt8": "B", "QInt32": "i"}


class Storage:
    def __init__(self, kind, values, raw=None, root=None, start=0):
        path = kind if "." in kind else f"torch.{kind}Storage"
        self.type = named(path)
        self.values = values
        self.bytes = raw if raw is not None else struct.pack(f"<{len(values)}{CODES[kind]}", *values)
        self.count = len(values)
        self.root, self.start = root, start


class Call:
    """Pickled as a call of a function."""

    def __init__(self, callee, *args):
        self.callee, self.args = callee, args

    def __reduce__(self):
        return self.callee, self.args


def strides(shape):
    steps = [1]
    for side in reversed(shape[1:]):
        steps.insert(0, steps[0] * side)
    return tuple(steps[: len(shape)])


def tensor(values, shape=None, kind="Float", offset=0, stride=None, storage=None):
    shape = (len(values),) if shape is None else shape
    storage = storage or Storage(kind, values)
    return Call(rebuild["_rebuild_tensor_v2"], storage, offset, shape, stride or strides(shape), False, OrderedDict())


class TorchPickler(pickle._Pickler):
    def __init__(self, file, protocol, legacy):
        super().__init__(file, protocol)
        self.legacy, self.storages = legacy, {}

    def persistent_id(self, obj):
        if not isinstance(obj, Storage):
            return None
        root = obj.root or obj
        key = self.storages.setdefault(id(root), (str(len(self.storages)), root))[0]
        view = () if not self.legacy else ((f"{key}v", obj.start, obj.count) if obj.root else None,)
        return ("storage", obj.type, key, "cpu", root.count, *view)


def dump(value, protocol, legacy=False):
    file = io.BytesIO()
    pickler = TorchPickler(file, protocol, legacy)
    pickler.dump(value)
    return file.getvalue(), pickler.storages.values()


def save(value, protocol=2):
    data, storages = dump(value, protocol)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        def write(name, content):
            archive.writestr(zipfile.ZipInfo(f"a/{name}", (1980, 1, 1, 0, 0, 0)), content)

        write("data.pkl", data)
        write("byteorder", b"little")
        for key, storage in storages:
            write(f"data/{key}", storage.bytes)
        write("version", b"3\n")
    return file.getvalue()


def save_legacy(value, protocol=2):
    data, storages = dump(value, protocol, legacy=True)
    head = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}]
    parts = [pickle.dumps(part, protocol) for part in head] + [data]
    ordered = sorted(storages, key=lambda item: item[0], reverse=True)
    parts.append(pickle.dumps([key for key, _ in ordered], protocol))
    return b"".join(parts + [struct.pack("<q", s.count) + s.bytes for _, s in ordered])


def state(first=0.0, prefix=""):
    """a.weight [2, 3] of first, first + 1, …; a.bias [2] of 10, 20."""
    return OrderedDict(
        [
            (f"{prefix}a.weight", tensor([first + i for i in range(6)], (2, 3))),
            (f"{prefix}a.bias", tensor([10.0, 20.0])),
        ]
    )


def scalar(value, kind="Float"):
    return tensor([value], (), kind)


def pickled_module(path, parameters={}, buffers={}, modules={}, transient=()):
    cls = named(path)
    made = cls()
    made.__dict__.update(
        training=True,
        _parameters=OrderedDict((name, value and Call(rebuild["_rebuild_parameter"], value, True, OrderedDict())) for name, value in parameters.items()),
        _buffers=OrderedDict(buffers),
        **({} if transient is None else {"_non_persistent_buffers_set": set(transient)}),
        _modules=OrderedDict(modules),
    )
    return made


def script(path, **attributes):
    made = named(path)()
    made.__dict__.update(attributes)
    return made


class Colour(enum.Enum):
    RED = 1


stand_in("project.Colour", Colour)
Point = collections.namedtuple("Point", "x y")
stand_in("project.Point", Point)
Config = stand_in("project.Config", type("Config", (dict,), {}))
Listing = stand_in("project.Listing", type("Listing", (list,), {}))
Slotted = stand_in("project.Slotted", type("Slotted", (), {"__slots__": ("a",)}))


class ByName:
    def __new__(cls, *, size):
        return object.__new__(cls)

    def __getnewargs_ex__(self):
        return (), {"size": 3}


stand_in("project.ByName", ByName)
scalar_of_numpy = function("numpy._core.multiarray.scalar")
array_of_numpy = function("numpy._core.multiarray._reconstruct")
ndarray = stand_in("numpy.ndarray")
config, listing, slotted = Config(lr=0.1), Listing([1, 2]), Slotted()
slotted.a = [Point(1, 2)]
shared_list = [1, 2]
recursive = ([],)
recursive[0].append(recursive)
objects = {
    "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("/data")),
    "best": Call(scalar_of_numpy, "f8", b"\0\0\0\0\0\0\xe0?"),
    "when": datetime.datetime(2020, 1, 2),
    "kinds": [{1, 2}, frozenset([3]), collections.defaultdict(list, a=[1]), collections.deque([1]), fractions.Fraction(1, 3)],
    "callback": functools.partial(print, 1, end=""),
    "project": [Colour.RED, Point(1, 2), config, listing, slotted, ByName(size=3)],
    "numbers": [0, 255, 256, -1, 2**31, -(2**40), 2**70, 2**2100, 1.5, float("inf"), True, False, None],
    "texts": ["", "plain", "한글 \n\\", "x" * 300, b"", b"bytes" * 60],
    "twice": [shared_list, shared_list, recursive],
    "state_dict": state(),
}

base = Storage("Float", [float(i) for i in range(12)])
wide = Storage("Byte", [1] * 1800)
eighth = Storage("Float8_e4m3fn", [1] * 4, raw=bytes(4))
complex_ = Storage("ComplexFloat", [0] * 2, raw=bytes(16))
untyped = lambda raw: Storage("torch.storage.UntypedStorage", list(raw), raw=raw)
per_tensor, per_channel = function("torch.per_tensor_affine"), function("torch.per_channel_affine")
uint16, complex32 = function("torch.uint16"), function("torch.complex32")
Tensor, Subclass = stand_in("torch.Tensor"), stand_in("project.MyTensor")


def quantised(kind, values, shape, scheme, stride=None):
    return Call(rebuild["_rebuild_qtensor"], Storage(kind, values), 0, shape, stride or strides(shape), scheme, False, OrderedDict())


def whole():
    return pickled_module(
        "project.Net",
        parameters={"scale": scalar(3.0), "none": None},
        buffers={"mean": tensor([1.0, 2.0]), "grid": tensor([9.0]), "empty": None},
        modules={"a": pickled_module("torch.nn.modules.linear.Linear", parameters={"weight": tensor([0.0, 1, 2, 3, 4, 5], (2, 3)), "bias": None}), "gone": None},
        transient=["grid"],
    )


files = {
    "view": save(OrderedDict(
        row=tensor(None, (3,), offset=4, storage=base),
        column=tensor(None, (3,), offset=1, stride=(4,), storage=base),
        last=tensor(None, (), offset=11, storage=base),
        turned=tensor(None, (2, 3), offset=2, stride=(1, 4), storage=base),
        flat=tensor(None, (1, 2), offset=5, stride=(7, 1), storage=base),
    )),
    "beyond": save({"a": tensor(None, (3,), offset=10, storage=base)}),
    "beyondByStride": save({"a": tensor(None, (2, 3), offset=0, stride=(6, 3), storage=base)}),
    "overlapping": save({f"a{i}": tensor(None, (2, 900), offset=0, stride=(0, 1), storage=wide) for i in range(12)}),
    "scalarBeside": save({"epoch": 3, "best_acc1": scalar(76.5), "state_dict": state(), "optimizer": {"state": {0: tensor([1.0])}}}),
    "scalarsOnly": save({"scale": scalar(2.0), "steps": scalar(5, "Long")}),
    "unknownName": save({"student": state(), "count": scalar(1.0), "optim": {"state": state(9.0)}, "rng_state": tensor([1, 2], kind="Byte")}),
    "inList": save([state(), {"epoch": 3}]),
    "deep": save({"checkpoint": {"trainer": {"network": {"state_dict": state()}}}}),
    "twoNetworks": save({"generator": state(), "discriminator": state()}),
    "averagedFirst": save({"state_dict": state(5.0), "state_dict_ema": state()}),
    "averagedNone": save({"model": state(), "ema": None, "model_ema": {}}),
    "averagedCounts": save({"model": state(), "ema": {"updates": scalar(4, "Long")}}),
    "averagedModel": save({"model_ema": {"n_averaged": scalar(7, "Long"), **state(prefix="module.")}, "model": state(5.0)}),
    "compiled": save({"net": state(prefix="module.module._orig_mod.")}),
    "compiledPart": save(OrderedDict([("a._orig_mod.weight", state()["a.weight"]), ("a.bias", state()["a.bias"])])),
    "compiledTwice": save(OrderedDict([("_orig_mod.a", scalar(1.0)), ("a", scalar(2.0))])),
    "oneUnwrapped": save(OrderedDict([*state(prefix="module.").items(), ("b", scalar(1.0))])),
    "lightning": save({"pytorch-lightning_version": "2.2.0", "state_dict": state(prefix="net."), "callbacks": {"best": {"score": scalar(1.0)}}, "loops": {}}),
    "lightningLoss": save({"pytorch-lightning_version": "2.2.0", "state_dict": {**state(prefix="model."), "loss.weight": tensor([1.0])}}),
    "modelPrefix": save(state(prefix="model.")),
    "defaultDict": save({"state_dict": collections.defaultdict(None, state())}),
    "configDict": save({"state_dict": Config(state())}),
    "module": save(whole()),
    "module4": save(whole(), 4),
    "bare": save(pickled_module("project.Net", parameters={"w": tensor([1.0])}, transient=None)),
    "moduleOfDataParallel": save({"epoch": 1, "model": pickled_module("torch.nn.parallel.data_parallel.DataParallel", modules={"module": pickled_module("project.Net", parameters={"w": tensor([1.0])})})}),
    "ultralytics": save({
        "epoch": -1, "model": None, "updates": None, "optimizer": None, "train_args": {"imgsz": 640}, "date": "2024",
        "ema": pickled_module("ultralytics.nn.tasks.DetectionModel", modules={"model": pickled_module("torch.nn.modules.container.Sequential", modules={"0": pickled_module("ultralytics.nn.modules.conv.Conv", parameters={"weight": tensor([1.5, -2.0], kind="Half")})})}),
    }),
    "script": save(script("__torch__.project.Net", training=True, scale=scalar(3.0), a=script("__torch__.project.Linear", weight=tensor([0.0, 1, 2, 3, 4, 5], (2, 3)), bias=None, size=3))),
    **{f"objects{protocol}": save(objects, protocol) for protocol in range(2, 6)},
    "protocol1": save(state(), 1),
    "array": save({**state(), "b": Call(array_of_numpy, ndarray, (0,), b"b")}),
    "arraysOnly": save({"model": {"b": Call(array_of_numpy, ndarray, (0,), b"b")}}),
    "sparse": save({**state(), "s": Call(rebuild["_rebuild_sparse_tensor"], "coo", (tensor([0], kind="Long"), tensor([1.0]), (3,)))}),
    "subclass": save({"s": Call(from_type, rebuild["_rebuild_tensor_v2"], Subclass, (Storage("Float", [1.0]), 0, (1,), (1,), False, OrderedDict()), {})}),
    "attributes": save({"s": Call(from_type, rebuild["_rebuild_tensor_v2"], Tensor, (Storage("Float", [1.0, 2.0]), 0, (2,), (1,), False, OrderedDict()), {"tag": 1})}),
    "parameters": save(OrderedDict(
        a=Call(rebuild["_rebuild_parameter_with_state"], tensor([1.0]), True, OrderedDict(), {"tag": 1}),
        b=Call(rebuild["_rebuild_tensor"], Storage("Short", [1, -2]), 0, (2,), (1,)),
        c=Call(rebuild["_rebuild_tensor_v3"], untyped(struct.pack("<3H", 1, 2, 65535)), 1, (2,), (1,), False, OrderedDict(), uint16),
        d=tensor([1, -2], kind="Char"),
    )),
    "complex32": save({"c": Call(rebuild["_rebuild_tensor_v3"], untyped(bytes(8)), 0, (2,), (1,), False, OrderedDict(), complex32)}),
    "float8": save({**state(), "e": tensor(None, (4,), storage=eighth)}),
    "float8Beside": save({"model": state(), "optimizer": {"e": tensor(None, (4,), storage=eighth)}}),
    "quantised": save(OrderedDict(
        all=quantised("QInt8", [-128, 3, 5, 127, 0, 1], (2, 3), (per_tensor, 0.5, 3)),
        unsigned=quantised("QUInt8", [0, 255], (2,), (per_tensor, 0.1, 128)),
        rows=quantised("QInt8", [1, 2, 3, 4, 5, 6], (2, 3), (per_channel, tensor([0.5, 2.0], kind="Double"), tensor([0, 4], kind="Long"), 0)),
        columns=quantised("QInt32", [1, 2, 3, 4, 5, 6], (2, 3), (per_channel, tensor([1.0, 10.0, 100.0], kind="Double"), tensor([0, 1, 2], kind="Long"), 1)),
        middle=quantised("QInt8", [1, 2, 3, 4, 5, 6, 7, 8], (2, 2, 2), (per_channel, tensor([1.0, 10.0]), tensor([0, 0], kind="Long"), 1)),
    )),
    "quantisedNone": save({"a": quantised("QInt8", [1, 2], (2,), None), **state()}),
    "quantisedBeside": save({"model": state(), "observers": {"a": quantised("QInt8", [1, 2], (), (per_tensor, 0.5, 0))}}),
    "quantisedAxis": save({"a": quantised("QInt8", [1, 2], (2,), (per_channel, tensor([0.5, 1.0]), tensor([0, 0], kind="Long"), 1))}),
    "quantisedShort": save({"a": quantised("QInt8", [1, 2], (2, 1), (per_channel, tensor([0.5]), tensor([0], kind="Long"), 0))}),
    "quantisedOther": save({"a": quantised("QInt8", [1, 2], (2,), (function("torch.per_channel_affine_float_qparams"), 1.0, 0))}),
    "attack": save({**state(), "x": Call(os.system, "touch executed")}),
    "attackOnTensor": save({**state(), "x": Call(os.system, tensor([1.0]))}),
    "attackByEval": save({**state(), "x": Call(eval, "1")}),
    "legacy2": save_legacy({"state_dict": state(), "skipped": tensor(None, (2,), storage=complex_)}),
    "legacy4": save_legacy(state(), 4),
    "legacyView": save_legacy(OrderedDict(
        part=tensor(None, (2,), offset=1, storage=Storage("Float", [5.0, 6.0, 7.0], root=base, start=5)),
        whole=tensor(None, (12,), storage=base),
    )),
    "legacyUnknown": save_legacy({**state(), "x": tensor(None, (1,), storage=Storage("Odd", [1], raw=b"1"))}),
    "legacyComplex": save_legacy({**state(), "x": tensor(None, (2,), storage=complex_)}),
}
values = [
    [0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -(2**31), -(2**40), 2**53, -(2**53), 2**53 + 1, 2**63, -(2**63) - 1, 2**70],
    [1.5, -0.0, 1e300, True, False, None],
    ["", "a", "한글 \n\\", "x" * 300, b"ab", b"c" * 300, bytearray(b"d")],
    [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [[1], [2]], {}, {"a": 1, 2: "b"}],
    [{1}, frozenset([2]), shared_list, shared_list],
    [argparse.Namespace(lr=0.5), listing, config, ByName(size=3), functools.partial(print, 7)],
]
pickles = {f"pickle{protocol}": pickle.dumps(values, protocol) for protocol in range(1, 6)}
files.update(pickles)
with open("checkpoints.json", "w") as file:
    json.dump({name: base64.b64encode(content).decode() for name, content in files.items()}, file, indent=1)
