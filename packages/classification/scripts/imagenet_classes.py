"""Writes src/imagenetClasses.ts from the list torchvision ships: `python3 scripts/imagenet_classes.py`."""
from torchvision.models._meta import _IMAGENET_CATEGORIES as names

assert len(names) == 1000 and not any("|" in name or "`" in name for name in names)
lines, line = [], ""
for name in names:
    if len(line) + len(name) + 1 > 105:
        lines.append(line)
        line = ""
    line += name + "|"
lines.append(line.rstrip("|"))
with open("src/imagenetClasses.ts", "w") as file:
    file.write("/** Names of ImageNet-1k's classes in the order of every published network's outputs (torchvision's list, BSD-3). */\n")
    file.write("export const imagenetClasses: readonly string[] = `" + "\n".join(lines) + "`\n  .replaceAll('\\n', '')\n  .split('|');\n")
