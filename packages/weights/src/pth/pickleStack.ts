import { PickleObject, type PickleValue } from './pickleValues';

const mark = Symbol('mark');

/** Far more lists, dicts and objects than a checkpoint has: one takes a byte of the file and hundreds of memory. */
const maxObjects = 2_000_000;

/** The stack of the pickle machine: values, and marks from which on opcodes take all. */
export class PickleStack {
  private readonly slots: (PickleValue | typeof mark)[] = [];
  private objects = 0;

  push(value: PickleValue): void {
    if (typeof value === 'object' && value !== null && ++this.objects > maxObjects)
      throw new RangeError(`its pickle has more than ${maxObjects} lists, dicts and objects`);
    this.slots.push(value);
  }

  mark(): void {
    this.slots.push(mark);
  }

  /** Drops what is on top, a mark too. */
  drop(): void {
    this.slots.pop();
  }

  pop(): PickleValue {
    const value = this.slots.pop();
    if (value === undefined || value === mark) throw new RangeError('its pickle takes from an empty stack');
    return value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.slots.push(value);
    return value;
  }

  popToMark(): PickleValue[] {
    const start = this.slots.lastIndexOf(mark);
    if (start < 0) throw new RangeError('its pickle has no mark where one is due');
    const values = this.slots.splice(start + 1) as PickleValue[];
    this.slots.pop();
    return values;
  }

  tuple(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  setItems(pairs: PickleValue[]): void {
    const target = this.top();
    const entries = target instanceof PickleObject ? target.entries : target;
    if (!(entries instanceof Map)) throw new RangeError('its pickle sets an item of what is no dict');
    for (let i = 0; i + 1 < pairs.length; i += 2) entries.set(pairs[i], pairs[i + 1]);
  }

  append(values: PickleValue[]): void {
    const target = this.top();
    const items = target instanceof PickleObject ? target.items : target;
    if (!Array.isArray(items)) throw new RangeError('its pickle appends to what is no list');
    for (const value of values) items.push(value);
  }
}
