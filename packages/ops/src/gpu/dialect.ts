/**
 * The few words in which WebGL's GLSL and WebGPU's WGSL differ; loops, conditions and arithmetic are written once and
 * read the same in both. Loops have bounds known only when they run, so GLSL here is WebGL 2's.
 */
export interface Dialect {
  int: string;
  float: string;
  int2: string;
  float3: string;
  /** A local variable's declaration: `${variable('int', 'i')} = 0`. */
  variable(type: 'int' | 'float' | 'int2' | 'float3', name: string): string;
  /** A function's header; parameters as `[type, name]`. */
  fn(
    result: 'int' | 'float' | 'int2' | 'float3',
    name: string,
    parameters: readonly (readonly ['int' | 'float', string])[],
  ): string;
}

export const glsl: Dialect = {
  int: 'int',
  float: 'float',
  int2: 'ivec2',
  float3: 'vec3',
  variable: (type, name) => `${glsl[type]} ${name}`,
  fn: (result, name, parameters) =>
    `${glsl[result]} ${name}(${parameters.map(([type, parameter]) => `${glsl[type]} ${parameter}`).join(', ')})`,
};

export const wgsl: Dialect = {
  int: 'i32',
  float: 'f32',
  int2: 'vec2<i32>',
  float3: 'vec3<f32>',
  variable: (type, name) => `var ${name}: ${wgsl[type]}`,
  fn: (result, name, parameters) => {
    const list = parameters.map(([type, parameter]) => `${parameter}: ${wgsl[type]}`).join(', ');
    return `fn ${name}(${list}) -> ${wgsl[result]}`;
  },
};

/** A number as a float literal. */
export const literal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : `${value}`);
