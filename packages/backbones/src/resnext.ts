import { add, concat, conv2d, batchNorm } from './layers/basic';
import { convBn } from './layers/convBn';
import type { BackboneOptions, SymbolicTensor } from './options';
import type { Branch } from './resnet';
import { bottleneck, residualNet } from './resnet';

/** The three equivalent blocks of Fig. 3 of Xie et al. 2016: (c) grouped, (b) concatenated, (a) summed paths. */
export type ResnextForm = 'grouped' | 'concatenated' | 'summed';

export interface ResnextOptions extends BackboneOptions {
  /** See `toResnextForm` for the others. @default 'grouped' the quickest, and the one published weights have */
  form?: ResnextForm;
}

const activation = 'relu';

/** One path up to its 3×3 convolution: 1×1 to `width` channels, 3×3 to as many. */
function path(x: SymbolicTensor, name: string, width: number, stride: number): SymbolicTensor {
  const reduced = convBn(x, [`${name}.conv1`, `${name}.bn1`, `${name}.relu1`], {
    filters: width,
    kernelSize: 1,
    activation,
  });
  return convBn(reduced, [`${name}.conv2`, `${name}.bn2`, `${name}.relu2`], {
    filters: width,
    kernelSize: 3,
    stride,
    padding: 1,
    activation,
  });
}

/** Paths in parallel, joined before (b) or after (a) the last 1×1 convolution; its batch norm follows the joining. */
function parallel(groups: number, widthPerGroup: number, form: 'concatenated' | 'summed'): Branch {
  return (x, name, { planes, stride }) => {
    const width = Math.floor((planes * widthPerGroup) / 64);
    const filters = 4 * planes;
    const paths = Array.from({ length: groups }, (_, g) => path(x, `${name}.paths.${g}`, width, stride));
    if (form === 'concatenated') {
      return convBn(concat(paths, `${name}.concat`), [`${name}.conv3`, `${name}.bn3`], {
        filters,
        kernelSize: 1,
      });
    }
    const expanded = paths.map((map, g) =>
      conv2d(map, `${name}.paths.${g}.conv3`, { filters, kernelSize: 1, bias: false }),
    );
    return batchNorm(add(expanded, `${name}.sum`), `${name}.bn3`);
  };
}

function resnext(
  name: string,
  blocks: [number, number, number, number],
  [cardinality, widthPerGroup]: [number, number],
  options: ResnextOptions,
) {
  const { form = 'grouped' } = options;
  const branch =
    form === 'grouped' ? bottleneck(cardinality, widthPerGroup) : parallel(cardinality, widthPerGroup, form);
  return residualNet({ name, blocks, branch, expansion: 4 }, options);
}

/** ResNeXt-50, 32 groups of 4 (Xie et al. 2016, arXiv 1611.05431). 25,028,904 parameters. */
export const resnext50_32x4d = (options: ResnextOptions = {}) =>
  resnext('resnext50_32x4d', [3, 4, 6, 3], [32, 4], options);
/** ResNeXt-101, 32 groups of 4. 44,177,704 parameters. */
export const resnext101_32x4d = (options: ResnextOptions = {}) =>
  resnext('resnext101_32x4d', [3, 4, 23, 3], [32, 4], options);
/** ResNeXt-101, 32 groups of 8. 88,791,336 parameters. */
export const resnext101_32x8d = (options: ResnextOptions = {}) =>
  resnext('resnext101_32x8d', [3, 4, 23, 3], [32, 8], options);
/** ResNeXt-101, 64 groups of 4. 83,455,272 parameters. */
export const resnext101_64x4d = (options: ResnextOptions = {}) =>
  resnext('resnext101_64x4d', [3, 4, 23, 3], [64, 4], options);
