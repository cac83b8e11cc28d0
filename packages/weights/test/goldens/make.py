"""Writes the small files that the tests read: `python3 make.py` with torch 1.13; `python3 make.py h5` with h5py 3."""
import sys
import zipfile
from collections import OrderedDict

if "h5" in sys.argv:
    import h5py
    import numpy as np

    with h5py.File("keras.h5", "w") as file:
        group = file.create_group("model_weights")
        file.attrs["keras_version"] = b"2.15.0"
        group.create_dataset("conv1/conv1/kernel:0", data=np.arange(54, dtype="<f4").reshape(3, 3, 3, 2) / 8)
        group.create_dataset("conv1/conv1/bias:0", data=np.array([0.5, -1.5], dtype="<f4"))
        group.create_dataset(
            "dense/dense/kernel:0", data=np.arange(600, dtype="<f4").reshape(20, 30), compression="gzip", chunks=(10, 10)
        )
        file.create_dataset("optimizer_weights/iterations:0", data=np.int64(7))
    with h5py.File("bomb.h5", "w") as file:
        # 4 GiB of zeros in a few kilobytes.
        file.create_dataset("zeros", shape=(2**30,), dtype="<f4", chunks=(2**20,), compression="gzip", fillvalue=0)
    with h5py.File("types.h5", "w") as file:
        values = np.arange(6).reshape(2, 3)
        for dtype in "<f2 >f2 >f4 <f8 >f8 <i1 <i2 >i2 <i4 >i4 <i8 >i8 <u1 <u2 >u2 <u4 <u8 >u8".split():
            file[f"a/{dtype.replace('<', 'little_').replace('>', 'big_')}"] = (values - (2 if dtype[1] != "u" else 0)).astype(dtype)
        file["a/bool"] = np.array([True, False])
        file["a/text"] = "name"
        file["a/empty"] = np.zeros((0, 3), "<f4")
        for dtype in "<f2 <f4 <f8 <i4 >i4 <i8 <u8".split():
            file[f"scalar/{dtype.replace('<', 'little_').replace('>', 'big_')}"] = np.array(3, dtype)
        file.create_dataset("half/kernel:0", data=values.astype("<f2"), compression="gzip", chunks=(1, 2))
        file["optimizer/vars/0"] = np.float32(1)
        file["optimizer_weights/a:0"] = np.float32(1)
        file["a/optimizer/kernel:0"] = np.arange(2, dtype="<f4")
        file["layers/dropout/seed_generator/vars/0"] = np.array([1, 2], "<u4")
    with h5py.File("longdouble.h5", "w") as file:
        file["a/kernel:0"] = np.arange(3, dtype=np.longdouble)
    sys.exit()

import os

import torch

torch.manual_seed(1)
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
state = OrderedDict(
    [
        ("float", base / 8),
        ("transposed", base[0].t()),
        ("window", base[:, 1:, 2]),
        ("half", (base / 8).half()),
        ("bfloat16", (base / 8).bfloat16()),
        ("double", (base / 3).double()),
        ("long", torch.tensor([-(2**40), 7])),
        ("int", torch.tensor([1, -2], dtype=torch.int32)),
        ("bool", torch.tensor([True, False])),
        ("scalar", torch.tensor(42)),
        ("empty", torch.zeros(0, 3)),
    ]
)
torch.save(state, "state.pth")
torch.save(state, "legacy.pth", _use_new_zipfile_serialization=False)
wrapped = {"epoch": 3, "state_dict": OrderedDict((f"module.{key}", torch.nn.Parameter(value)) for key, value in state.items() if value.is_floating_point())}
torch.save(wrapped, "checkpoint.pth")


class Attack:
    def __reduce__(self):
        return os.system, ("touch executed",)


torch.save({"weight": base, "attack": Attack()}, "attack.pth")
torch.save({"weight": base, "attack": Attack()}, "attack_legacy.pth", _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 3), "module.pth")

# The same archive with deflated entries: a zip that can unfold to any size.
with zipfile.ZipFile("state.pth") as source, zipfile.ZipFile("deflated.pth", "w", zipfile.ZIP_DEFLATED) as target:
    for name in source.namelist():
        target.writestr(name, source.read(name))
