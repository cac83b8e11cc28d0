// The opcodes that torch.save writes (pickle protocols 2 to 4), and no other. Nothing is ever called or imported: a
// global is a name, and the caller says what that name, applied to arguments, stands for.

import { PickleReader } from './pickleReader';

/** A name such as `torch._utils._rebuild_tensor_v2`. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleGlobal
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | object;

export interface PickleHandlers {
  /** Throws where the name is not allowed. */
  global: (name: string) => PickleGlobal;
  /** The value of a name applied to arguments. */
  reduce: (callable: PickleGlobal, args: PickleValue[]) => PickleValue;
  /** The value of a persistent id. */
  persistent: (id: PickleValue) => PickleValue;
}

const mark = Symbol('mark');

/** One run of the pickle machine over bytes. */
class Unpickler {
  private readonly stack: (PickleValue | typeof mark)[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly reader: PickleReader;
  private readonly handlers: PickleHandlers;

  constructor(reader: PickleReader, handlers: PickleHandlers) {
    this.reader = reader;
    this.handlers = handlers;
  }

  run(): PickleValue {
    for (;;) {
      const opcode = this.reader.take(1)[0];
      if (opcode === 0x2e) return this.pop(); // '.'
      this.step(opcode);
    }
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === mark) throw new RangeError('its pickle takes from an empty stack');
    return value;
  }

  private top(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  private popToMark(): PickleValue[] {
    const start = this.stack.lastIndexOf(mark);
    if (start < 0) throw new RangeError('its pickle has no mark where one is due');
    const values = this.stack.splice(start + 1) as PickleValue[];
    this.stack.pop();
    return values;
  }

  private tuple(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  private setItems(pairs: PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Map)) throw new RangeError('its pickle sets an item of what is no dict');
    for (let i = 0; i + 1 < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
  }

  private append(values: PickleValue[]): void {
    const target = this.top();
    if (!Array.isArray(target)) throw new RangeError('its pickle appends to what is no list');
    for (const value of values) target.push(value);
  }

  private recall(key: number): PickleValue {
    const value = this.memo.get(key);
    if (value === undefined) throw new RangeError('its pickle recalls what it never stored');
    return value;
  }

  private reduce(): PickleValue {
    const args = this.pop();
    const callable = this.pop();
    if (!(callable instanceof PickleGlobal) || !Array.isArray(args)) {
      throw new RangeError('its pickle calls what is no name');
    }
    return this.handlers.reduce(callable, args);
  }

  private stackGlobal(): PickleGlobal {
    const [module, name] = this.tuple(2);
    return this.handlers.global(`${String(module)}.${String(name)}`);
  }

  private step(opcode: number): void {
    const value = this.literal(opcode);
    if (value !== undefined) this.stack.push(value);
    else this.act(opcode);
  }

  /** Opcodes that only push a value; undefined for the others. */
  private literal(opcode: number): PickleValue | undefined {
    switch (String.fromCharCode(opcode)) {
      case 'N':
        return null;
      case '\x88':
        return true;
      case '\x89':
        return false;
      case 'J':
        return this.reader.uint(4) | 0;
      case 'K':
        return this.reader.uint(1);
      case 'M':
        return this.reader.uint(2);
      case '\x8a':
        return this.reader.long(this.reader.uint(1));
      case 'G':
        return this.reader.float();
      case 'X':
        return this.reader.text(this.reader.uint(4));
      case '\x8c':
      case 'U':
        return this.reader.text(this.reader.uint(1));
      case '\x8d':
        return this.reader.text(this.reader.long8());
      case 'T':
        return this.reader.text(this.reader.uint(4));
      case 'B':
        return this.reader.take(this.reader.uint(4));
      case 'C':
        return this.reader.take(this.reader.uint(1));
      case '}':
        return new Map();
      case ']':
      case ')':
        return [];
      case 'c':
        return this.handlers.global(`${this.reader.line()}.${this.reader.line()}`);
      case 'h':
        return this.recall(this.reader.uint(1));
      case 'j':
        return this.recall(this.reader.uint(4));
      default:
        return undefined;
    }
  }

  private act(opcode: number): void {
    switch (String.fromCharCode(opcode)) {
      case '\x80': // protocol
        this.reader.take(1);
        return;
      case '\x95': // frame
        this.reader.take(8);
        return;
      case '(':
        this.stack.push(mark);
        return;
      case '0':
        this.pop();
        return;
      case 'q':
        this.memo.set(this.reader.uint(1), this.top());
        return;
      case 'r':
        this.memo.set(this.reader.uint(4), this.top());
        return;
      case '\x94':
        this.memo.set(this.memo.size, this.top());
        return;
      default:
        this.build(opcode);
    }
  }

  /** Opcodes that make or fill a container, or apply a name. */
  private build(opcode: number): void {
    switch (String.fromCharCode(opcode)) {
      case 't':
      case 'l':
        this.stack.push(this.popToMark());
        return;
      case '\x85':
      case '\x86':
      case '\x87':
        this.stack.push(this.tuple(opcode - 0x84));
        return;
      case 's':
        this.setItems(this.tuple(2));
        return;
      case 'u':
        this.setItems(this.popToMark());
        return;
      case 'a':
        this.append([this.pop()]);
        return;
      case 'e':
        this.append(this.popToMark());
        return;
      case '\x93':
        this.stack.push(this.stackGlobal());
        return;
      case 'R':
        this.stack.push(this.reduce());
        return;
      case 'Q':
        this.stack.push(this.handlers.persistent(this.pop()));
        return;
      case 'b': // attributes, such as an OrderedDict's `_metadata`: not data
        this.pop();
        return;
      default:
        throw new RangeError(`its pickle uses opcode 0x${opcode.toString(16)}, which weights do not need`);
    }
  }
}

/** Reads one pickle from `position` on; returns its value and where it ended. */
export function unpickle(
  bytes: Uint8Array,
  position: number,
  handlers: PickleHandlers,
): { value: PickleValue; end: number } {
  const reader = new PickleReader(bytes, position);
  const value = new Unpickler(reader, handlers).run();
  return { value, end: reader.position };
}
