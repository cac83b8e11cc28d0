/** Max-heap of region pairs (a < b) by similarity; ties go to the lower b, then the lower a: the pair that existed first. */
export class MergeQueue {
  #similarity: Float64Array;
  #pair: Int32Array;
  #heap: Int32Array;
  #pushed = 0;
  #length = 0;

  constructor(capacity: number) {
    const room = Math.max(16, capacity);
    this.#similarity = new Float64Array(room);
    this.#pair = new Int32Array(2 * room);
    this.#heap = new Int32Array(room);
  }

  get length(): number {
    return this.#length;
  }

  push(a: number, b: number, similarity: number): void {
    const id = this.#pushed++;
    if (id === this.#similarity.length) this.#grow();
    this.#similarity[id] = similarity;
    this.#pair[2 * id] = a;
    this.#pair[2 * id + 1] = b;
    this.#siftUp(this.#length++, id);
  }

  /** Takes the best pair off and writes it to `out`. */
  pop(out: Int32Array): void {
    const heap = this.#heap;
    const top = heap[0]!;
    out[0] = this.#pair[2 * top]!;
    out[1] = this.#pair[2 * top + 1]!;
    const last = heap[--this.#length]!;
    if (this.#length > 0) this.#siftDown(last);
  }

  #before(a: number, b: number): boolean {
    const d = this.#similarity[a]! - this.#similarity[b]!;
    if (d !== 0) return d > 0;
    const pair = this.#pair;
    return (pair[2 * a + 1]! - pair[2 * b + 1]! || pair[2 * a]! - pair[2 * b]!) < 0;
  }

  #siftUp(at: number, id: number): void {
    const heap = this.#heap;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#before(id, heap[up]!)) break;
      heap[at] = heap[up]!;
      at = up;
    }
    heap[at] = id;
  }

  #siftDown(id: number): void {
    const heap = this.#heap;
    const length = this.#length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, id)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = id;
  }

  #grow(): void {
    const room = 2 * this.#similarity.length;
    const copy = <T extends Float64Array | Int32Array>(to: T, from: T): T => (to.set(from), to);
    this.#similarity = copy(new Float64Array(room), this.#similarity);
    this.#pair = copy(new Int32Array(2 * room), this.#pair);
    this.#heap = copy(new Int32Array(room), this.#heap);
  }
}
