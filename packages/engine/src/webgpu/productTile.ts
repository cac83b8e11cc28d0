/**
 * One factor of a product, as WGSL. `row` and `step` take a place apart once, `index` finds where its value lies:
 * divisions stay out of the inner loop. All four values of a place are the kernel's own.
 */
export interface Factor {
  /** The input that holds its values. */
  array: string;
  /** An input of the same places: a value counts where it is above 0 only, as a relu's gradient does. @default none */
  gate?: string;
  /** Which of its two indices runs along memory; the threads that load a tile do so along that one. */
  along: 'row' | 'step';
  /** Whether its values lie in fours along memory, each four with one place: they are loaded as one then. */
  inFours: boolean;
  /** Body of `fn (at: i32) -> vec4<i32>` for a row of A or a column of B. */
  row: string;
  /** The same for a place along the sum. */
  step: string;
  /** Body of `fn (row: vec4<i32>, step: vec4<i32>) -> i32`; −1 outside, which reads as 0. */
  index: string;
}

/** Threads of a workgroup, down and across; each has 4 × 4 results. */
export interface Sides {
  down: number;
  across: number;
}

/** Places of the sum that a workgroup takes at a time. */
export const TILE_STEPS = 16;

export const FOUR = [0, 1, 2, 3];

/**
 * A factor's tile in workgroup memory, as it lies in the factor: in fours along memory, so that a thread reads four values
 * at once, and has four neighbouring rows. Along the sum these lie a side apart in the tile, and each has one four too many,
 * so that what neighbouring threads read lies in different banks. `Held` is the type of its fours: floats, or halves.
 */
export class ProductTile {
  readonly #name: 'A' | 'B';
  readonly #factor: Factor;
  /** Threads along the tile's rows. */
  readonly #side: string;
  /** Fours that a thread loads, and whether all threads do. */
  readonly #loads: number;
  readonly #guard: string;

  constructor(name: 'A' | 'B', factor: Factor, { down, across }: Sides) {
    this.#name = name;
    this.#factor = factor;
    this.#side = name === 'A' ? 'DOWN' : 'ACROSS';
    const perThread = TILE_STEPS / (name === 'A' ? across : down);
    this.#loads = Math.max(1, perThread);
    this.#guard = perThread < 1 ? `if (thread < TILE_K * ${this.#side}) ` : '';
  }

  declarations(): string {
    const { array, gate, along, inFours, row, step, index } = this.#factor;
    const name = this.#name;
    const [type, at] = inFours ? ['vec4<f32>', 'max(at, 0) / 4'] : ['f32', 'max(at, 0)'];
    const value =
      gate === undefined
        ? `${array}[${at}]`
        : `select(${type}(), ${array}[${at}], ${gate}[${at}] > ${type}())`;
    return `
  var<workgroup> tile${name}: array<Held, ${along === 'row' ? 'TILE_K' : '4 * (TILE_K / 4 + 1)'} * ${this.#side}>;
  fn row${name}(at: i32) -> vec4<i32> { ${row} }
  fn step${name}(at: i32) -> vec4<i32> { ${step} }
  fn index${name}(row: vec4<i32>, step: vec4<i32>) -> i32 { ${index} }
  fn value${name}(row: vec4<i32>, step: vec4<i32>) -> ${type} {
    let at = index${name}(row, step);
    return select(${type}(), ${value}, at >= 0);
  }`;
  }

  /** What a thread knows of the rows it loads, and where it loads to. */
  rows(): string {
    const name = this.#name;
    const next = `var next${name}: array<vec4<f32>, ${this.#loads}>;`;
    const first = name === 'A' ? 'm0' : 'n0';
    if (this.#factor.along === 'step') {
      return `${next} var rows${name}: array<vec4<i32>, ${this.#loads}>;
    for (var i = 0; i < ${this.#loads}; i++) {
      let at = thread / 4 + i * (THREADS / 4);
      rows${name}[i] = row${name}(${first} + 4 * (at % ${this.#side}) + at / ${this.#side});
    }`;
    }
    const count = this.#factor.inFours ? 1 : 4;
    return `${next} var rows${name}: array<vec4<i32>, ${count}>;
    for (var i = 0; i < ${count}; i++) { rows${name}[i] = row${name}(${first} + 4 * (thread % ${this.#side}) + i); }`;
  }

  /** Loads a thread's share of the tile at `k0`. Loops, not text: it is the most of the kernel. */
  load(): string {
    const { along, inFours } = this.#factor;
    const name = this.#name;
    const [row, step] =
      along === 'row'
        ? ['lane', `k0 + thread / ${this.#side} + i * (THREADS / ${this.#side})`]
        : ['i', 'k0 + 4 * (thread % 4) + lane'];
    const value = `value${name}(rows${name}[${row}], step${name}(${step}))`;
    const body = inFours
      ? `const lane = 0; next${name}[i] = ${value};`
      : `for (var lane = 0; lane < 4; lane++) { next${name}[i][lane] = ${value}; }`;
    return `for (var i = 0; i < ${this.#loads}; i++) { ${this.#guard}{ ${body} } }`;
  }

  /** Puts that share into workgroup memory. */
  keep(): string {
    const at =
      this.#factor.along === 'row'
        ? 'thread + i * THREADS'
        : '(thread / 4 + i * (THREADS / 4)) * (TILE_K / 4 + 1) + thread % 4';
    return `for (var i = 0; i < ${this.#loads}; i++) { ${this.#guard}{ tile${this.#name}[${at}] = Held(next${this.#name}[i]); } }`;
  }

  /** A thread's values for four places of the sum, `k` and on. */
  read(): string {
    const name = this.#name.toLowerCase();
    const thread = this.#name === 'A' ? 'row' : 'column';
    const at = (i: number) =>
      this.#factor.along === 'row'
        ? `(k + ${i}) * ${this.#side} + ${thread}`
        : `(${thread} + ${i} * ${this.#side}) * (TILE_K / 4 + 1) + k / 4`;
    return FOUR.map((i) => `let ${name}${i} = tile${this.#name}[${at(i)}];`).join(' ');
  }

  /** One of them: of place `step`, in the thread's row `i`. */
  entry(step: number, i: number): string {
    const name = this.#name.toLowerCase();
    return this.#factor.along === 'row' ? `${name}${step}[${i}]` : `${name}${i}[${step}]`;
  }

  vector(step: number): string {
    const name = this.#name.toLowerCase();
    if (this.#factor.along === 'row') return `${name}${step}`;
    return `Held(${FOUR.map((i) => this.entry(step, i)).join(', ')})`;
  }
}
