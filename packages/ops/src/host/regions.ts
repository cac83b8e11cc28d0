import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { HostMemory } from './memory';
import { type Pooling, Workspace } from './workspace';

export type RegionInputs = Record<'features' | 'boxes' | 'boxIndices', TensorInfo>;

/** The regions of each image, so that a workspace holds one image's map at a time. */
function regionsByImage(boxIndices: ArrayLike<number>, images: number): number[][] {
  const regions: number[][] = Array.from({ length: images }, () => []);
  for (let r = 0; r < boxIndices.length; r++) {
    const image = regions[boxIndices[r]!];
    if (!image) {
      throw new RangeError(
        `boxIndices[${r}] must name one of the ${images} images of features, got ${boxIndices[r]}`,
      );
    }
    image.push(r);
  }
  return regions;
}

/** Every bin of every region of `[N, H, W, C]` features, in the given shape of `[R, bins, C]` floats. */
export function poolRegions(
  memory: HostMemory,
  inputs: RegionInputs,
  pooling: Pooling,
  outShape: number[],
): TensorInfo {
  const regions = regionsByImage(memory.read(inputs.boxIndices), inputs.features.shape[0]!);
  return memory.output(outShape, (out) => {
    const workspace = new Workspace(inputs.features.shape, pooling);
    const { mapSize, binsSize } = workspace;
    const features = memory.read(inputs.features) as Float32Array;
    const boxes = memory.read(inputs.boxes);
    regions.forEach((list, image) => {
      if (list.length > 0) workspace.loadMap(features.subarray(image * mapSize, (image + 1) * mapSize));
      for (const r of list) {
        workspace.setBox(boxes, r, { forward: true });
        workspace.forward();
        workspace.storeBins(out.subarray(r * binsSize, (r + 1) * binsSize));
      }
    });
  });
}

/** The gradient of `poolRegions` with respect to the features. */
export function poolRegionsGrad(
  memory: HostMemory,
  inputs: RegionInputs & { dy: TensorInfo },
  pooling: Pooling,
): TensorInfo {
  const regions = regionsByImage(memory.read(inputs.boxIndices), inputs.features.shape[0]!);
  return memory.output(inputs.features.shape, (dx) => {
    const workspace = new Workspace(inputs.features.shape, pooling);
    const { mapSize, binsSize } = workspace;
    const features = memory.read(inputs.features) as Float32Array;
    const boxes = memory.read(inputs.boxes);
    const dy = memory.read(inputs.dy) as Float32Array;
    regions.forEach((list, image) => {
      const here = [image * mapSize, (image + 1) * mapSize] as const;
      if (list.length > 0) workspace.loadMap(features.subarray(...here));
      workspace.clearGradient();
      for (const r of list) {
        workspace.setBox(boxes, r, { forward: false });
        workspace.loadBins(dy.subarray(r * binsSize, (r + 1) * binsSize));
        workspace.backward();
      }
      workspace.storeGradient(dx.subarray(...here));
    });
  });
}
