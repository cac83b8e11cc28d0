import type { TensorInfo } from '@tensorflow/tfjs-core';

/** What is done to a product's results before they are stored, in the same dispatch. */
export interface Epilogue {
  /** `[columns]`, added to each row. */
  bias: TensorInfo | undefined;
  activation: string;
}

const activations: Record<string, (value: string, type: string) => string> = {
  linear: (value) => value,
  relu: (value, type) => `max(${value}, ${type}())`,
  relu6: (value, type) => `clamp(${value}, ${type}(), ${type}(6.0))`,
};

/** Whether a kernel's bias and activation can be an epilogue. */
export function isEpilogue(columns: number, { bias, activation }: Epilogue): boolean {
  return (
    activation in activations &&
    (bias === undefined || (bias.shape.length === 1 && bias.shape[0] === columns))
  );
}

/** Tells apart what `epilogueWgsl` writes, and names the inputs that it reads. */
export const epilogueName = ({ bias, activation }: Epilogue): string =>
  `${bias === undefined ? '' : 'bias '}${activation}`;
export const epilogueInputs = ({ bias }: Epilogue): Record<string, TensorInfo> =>
  bias === undefined ? {} : { bias };

/** WGSL: `fn epilogue(value, n: i32)` for the results of column n, or of four columns from n. */
export function epilogueWgsl({ bias, activation }: Epilogue, lanes: 1 | 4): string {
  const type = lanes === 4 ? 'vec4<f32>' : 'f32';
  const sum = bias === undefined ? 'value' : `value + bias[${lanes === 4 ? 'n / 4' : 'n'}]`;
  return `fn epilogue(value: ${type}, n: i32) -> ${type} { return ${activations[activation]!(`(${sum})`, type)}; }`;
}
