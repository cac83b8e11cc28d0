// The loops over channels, in WebAssembly SIMD (AssemblyScript; scripts/buildSimd.mjs compiles it into src/host).
//
// A region's bins are the product of its rows and its columns. One side of them is a list in compressed rows: bin p has
// the taps starts[p] … starts[p + 1] − 1, and a tap is an i32 byte offset into the map and an f32 weight. A cell of the
// map is `cellBytes` of channels, a multiple of 16. The bins of a region lie in row-major order, one cell each.

export { max, maxGrad } from './max';
export { sum, sumGrad } from './sum';
