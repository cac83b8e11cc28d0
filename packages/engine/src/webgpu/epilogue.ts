import type { TensorInfo } from '@tensorflow/tfjs-core';

/** What is done to a product's results before they are stored, in the same dispatch. */
export interface Epilogue {
  /** `[columns]`, added to each row. */
  bias?: TensorInfo | undefined;
  /** Of the output's shape, added before the activation: the other side of a residual block. */
  residual?: TensorInfo | undefined;
  activation: string;
}

/** By selection, for `max` and `clamp` may make a number of NaN, which would hide that a training went astray. */
export const relu = (value: string, type: string): string =>
  `select(${value}, ${type}(), ${value} < ${type}())`;

const activations: Record<string, (value: string, type: string) => string> = {
  linear: (value) => value,
  relu,
  relu6: (value, type) => relu(`select(${value}, ${type}(6.0), ${value} > ${type}(6.0))`, type),
};

/** Whether a kernel's bias and activation can be an epilogue. */
export function isEpilogue(columns: number, { bias, activation }: Epilogue): boolean {
  return (
    activation in activations &&
    (bias === undefined || (bias.shape.length === 1 && bias.shape[0] === columns))
  );
}

/** The inputs that it reads. */
export function epilogueInputs({ bias, residual }: Epilogue): Record<string, TensorInfo> {
  return { ...(bias === undefined ? {} : { bias }), ...(residual === undefined ? {} : { residual }) };
}

/** Tells apart what `epilogueWgsl` writes. */
export const epilogueName = (epilogue: Epilogue): string =>
  [...Object.keys(epilogueInputs(epilogue)), epilogue.activation].join(' ');

/** WGSL: `fn epilogue(value, at: i32, n: i32)` for the result at `at`, of column n, or for four from there. */
export function epilogueWgsl({ bias, residual, activation }: Epilogue, lanes: 1 | 4): string {
  const type = lanes === 4 ? 'vec4<f32>' : 'f32';
  const index = (at: string) => (lanes === 4 ? `${at} / 4` : at);
  const sum = [
    'value',
    ...(bias === undefined ? [] : [`bias[${index('n')}]`]),
    ...(residual === undefined ? [] : [`residual[${index('at')}]`]),
  ];
  return `fn epilogue(value: ${type}, at: i32, n: i32) -> ${type} {
    let sum = ${sum.join(' + ')};
    return ${activations[activation]!('sum', type)};
  }`;
}
