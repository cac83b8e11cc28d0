import { registerKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import type { RoiPoolAttrs } from '../roiPool';
import { hostMemories, type HostMemory } from './memory';
import { type Bins, maxPoolBins, maxPoolBinsGrad } from './maxPoolBins';
import { roiPoolBins } from './roiPoolBins';

type Inputs = Record<string, TensorInfo>;

interface Region {
  features: Float32Array;
  bins: Bins;
  /** Where the region's image starts in the features, and its bins in the output. */
  image: number;
  output: number;
}

function forEachRegion(
  memory: HostMemory,
  inputs: Inputs,
  attrs: RoiPoolAttrs,
  visit: (region: Region) => void,
): void {
  const [images, height, width, channels] = inputs['features']!.shape as [number, number, number, number];
  const features = memory.read(inputs['features']!) as Float32Array;
  const boxes = memory.read(inputs['boxes']!);
  const boxIndices = memory.read(inputs['boxIndices']!);
  const { outputSize, spatialScale: scale } = attrs;
  const bins = { rows: new Int32Array(2 * outputSize[0]), columns: new Int32Array(2 * outputSize[1]) };
  for (let r = 0; r < boxIndices.length; r++) {
    const index = boxIndices[r]!;
    if (index < 0 || index >= images) {
      throw new RangeError(
        `roiPool: boxIndices[${r}] must name one of the ${images} images of features, got ${index}`,
      );
    }
    roiPoolBins(
      boxes[4 * r]!,
      boxes[4 * r + 2]!,
      { scale, count: outputSize[1], mapSide: width },
      bins.columns,
    );
    roiPoolBins(
      boxes[4 * r + 1]!,
      boxes[4 * r + 3]!,
      { scale, count: outputSize[0], mapSide: height },
      bins.rows,
    );
    const image = index * height * width * channels;
    visit({ features, bins, image, output: r * outputSize[0] * outputSize[1] * channels });
  }
}

const mapShape = ({ shape }: TensorInfo) => ({ height: shape[1]!, width: shape[2]!, channels: shape[3]! });

function roiPool(memory: HostMemory, inputs: Inputs, attrs: RoiPoolAttrs): TensorInfo {
  const map = mapShape(inputs['features']!);
  const [h, w] = attrs.outputSize;
  const outShape = [inputs['boxes']!.shape[0]!, h, w, map.channels];
  return memory.output(outShape, (out) =>
    forEachRegion(memory, inputs, attrs, ({ features, bins, image, output }) =>
      maxPoolBins(features.subarray(image), map, bins, out.subarray(output)),
    ),
  );
}

function roiPoolGrad(memory: HostMemory, inputs: Inputs, attrs: RoiPoolAttrs): TensorInfo {
  const map = mapShape(inputs['features']!);
  return memory.output(inputs['features']!.shape, (dx) => {
    const dy = memory.read(inputs['dy']!) as Float32Array;
    forEachRegion(memory, inputs, attrs, ({ features, bins, image, output }) =>
      maxPoolBinsGrad(dy.subarray(output), features.subarray(image), map, bins, dx.subarray(image)),
    );
  });
}

for (const [backendName, memoryOf] of Object.entries(hostMemories)) {
  const register = (kernelName: string, kernel: typeof roiPool): void =>
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) =>
        kernel(
          memoryOf(backend as never),
          inputs as Inputs,
          attrs as NamedAttrMap as unknown as RoiPoolAttrs,
        ),
    });
  register('RoiPool', roiPool);
  register('RoiPoolGrad', roiPoolGrad);
}
