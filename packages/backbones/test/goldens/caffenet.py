"""Writes caffenet.json: the two-group AlexNet with LRN built in PyTorch with the seeded weights. `python3 caffenet.py`."""
import json

import numpy as np
import torch
from torch import nn

from seeded import image, tensor


class CaffeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, 4)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=2)
        self.fc6 = nn.Linear(9216, 4096)
        self.fc7 = nn.Linear(4096, 4096)
        self.fc8 = nn.Linear(4096, 1000)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.norm = nn.LocalResponseNorm(5, 1e-4, 0.75, 1)

    def forward(self, x):
        # Pixels of ±100, so that the normalisation counts.
        x = self.norm(self.pool(torch.relu(self.conv1(x * 100))))
        x = self.norm(self.pool(torch.relu(self.conv2(x))))
        x = torch.relu(self.conv5(torch.relu(self.conv4(torch.relu(self.conv3(x))))))
        x = torch.flatten(self.pool(x), 1)
        return self.fc8(torch.relu(self.fc7(torch.relu(self.fc6(x)))))


model = CaffeNet()
model.load_state_dict({key: tensor(key, tuple(value.shape), 1) for key, value in model.state_dict().items()})
model.eval()
with torch.no_grad():
    logits = model(image(1, 227, 227))[0].numpy().astype(np.float64)
with open("caffenet.json", "w") as file:
    json.dump({"versions": {"torch": torch.__version__}, "logits": [float(f"{v:.7g}") for v in logits[::25]], "largest": float(np.abs(logits).max())}, file)
print(np.abs(logits).max())
