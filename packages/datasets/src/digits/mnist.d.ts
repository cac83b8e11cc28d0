// The package ships no types. One entry per digit; `raw` holds its pictures, 28 × 28 values in [0, 1] each.
declare module 'mnist' {
  const mnist: readonly { id: number; length: number; raw: readonly number[] }[];
  export default mnist;
}
