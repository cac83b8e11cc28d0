/**
 * Indices of the k largest of `values[start … end)`, largest first, equal ones by ascending index. Looks at each value
 * once and keeps a heap of k, so nothing as long as the values is made.
 *
 * @param range `start`, `end` and `k`; without the first two, all values
 */
export function topK(
  values: Float32Array,
  { start = 0, end = values.length, k }: { start?: number; end?: number; k: number },
): Int32Array {
  const heap = new Int32Array(Math.min(k, end - start)); // the worst kept index is first
  for (let i = 0; i < heap.length; i++) heap[i] = start + i;
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) siftDown(values, heap, i, heap.length);
  if (heap.length === 0) return heap;
  for (let i = start + heap.length; i < end; i++) {
    // An equal value that comes later is worse. Written so that NaN gets in, and is refused where scores are checked.
    if (values[i]! <= values[heap[0]!]!) continue;
    heap[0] = i;
    siftDown(values, heap, 0, heap.length);
  }
  for (let last = heap.length - 1; last > 0; last--) {
    const worst = heap[0]!;
    heap[0] = heap[last]!;
    heap[last] = worst;
    siftDown(values, heap, 0, last);
  }
  return heap;
}

function siftDown(values: Float32Array, heap: Int32Array, from: number, length: number): void {
  const item = heap[from]!;
  let at = from;
  for (let child = 2 * at + 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && isWorse(values, heap[child + 1]!, heap[child]!)) child++;
    if (!isWorse(values, heap[child]!, item)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = item;
}

function isWorse(values: Float32Array, a: number, b: number): boolean {
  return values[a]! < values[b]! || (values[a] === values[b] && a > b);
}
