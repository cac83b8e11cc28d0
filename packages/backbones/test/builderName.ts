/** `mobilenet_v3_large` → `mobilenetV3Large`, `shufflenet_v2_x1_0` → `shufflenetV2_x1_0`: torchvision's name to ours. */
export function builderName(name: string): string {
  return name
    .replace(/_(v\d)/, (_, version: string) => version.toUpperCase())
    .replace(/_(large|small)/, (_, size: string) => size.charAt(0).toUpperCase() + size.slice(1));
}
