/** The indices in `order` with each label, in the order they came. */
export function splitByLabel(order: Int32Array, labels: Int32Array): Map<number, Int32Array> {
  const slots = new Map<number, number>();
  const slotOf = new Int32Array(order.length);
  const counts: number[] = [];
  for (let i = 0; i < order.length; i++) {
    const label = labels[order[i]!]!;
    const slot = slots.get(label) ?? counts.push(0) - 1;
    if (counts[slot]!++ === 0) slots.set(label, slot);
    slotOf[i] = slot;
  }
  const lists = counts.map((count) => new Int32Array(count));
  counts.fill(0);
  for (let i = 0; i < order.length; i++) lists[slotOf[i]!]![counts[slotOf[i]!]!++] = order[i]!;
  return new Map(Array.from(slots, ([label, slot]) => [label, lists[slot]!]));
}
