"""Weights and inputs that Python and TypeScript (test/seeded.ts) draw alike, bit by bit: a hash of name and index."""
import numpy as np
import torch


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def signed(name, count):
    """`count` float32 values in [-1, 1): murmur3's finaliser over the index."""
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(fnv1a(name))
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float32) * np.float32(2 / 2**24) - np.float32(1)


def tensor(name, shape, gain):
    count = int(np.prod(shape)) if len(shape) else 1
    values = signed(name, count)
    if name.endswith("running_var"):
        values = np.float32(1) + np.float32(0.2) * values
    elif len(shape) == 1 and name.endswith("weight"):
        values = np.float32(1) + np.float32(0.2) * values
    elif len(shape) == 1:
        values = np.float32(0.1) * values
    else:
        fan_in = int(np.prod(shape[1:]))
        values = np.float32(gain * np.sqrt(6 / fan_in)) * values
    return torch.from_numpy(values.reshape(shape))


def seed_model(model, gain):
    state = model.state_dict()
    for key, value in state.items():
        if not key.endswith("num_batches_tracked"):
            state[key] = tensor(key, tuple(value.shape), gain)
    model.load_state_dict(state)


def image(batch, height, width):
    """[batch, 3, height, width], drawn in NHWC order, of about unit variance."""
    values = np.float32(1.7) * signed("input", batch * height * width * 3)
    return torch.from_numpy(values.reshape(batch, height, width, 3)).permute(0, 3, 1, 2).contiguous()
