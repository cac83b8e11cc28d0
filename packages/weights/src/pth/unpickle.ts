// Pickle, protocols 1 to 5, as data (0 cannot refer to PyTorch's storages). Nothing is ever called or imported: a global
// is a name, and what a name makes of arguments is an inert object, unless the caller knows better what it stands for.

import { readLiteral } from './pickleLiterals';
import { PickleReader } from './pickleReader';
import { PickleStack } from './pickleStack';
import { PickleGlobal, PickleObject, type PickleValue } from './pickleValues';

export interface PickleHandlers {
  /** The value of a name applied to arguments; undefined where the name is not known: it becomes an inert object. */
  reduce: (name: string, args: PickleValue[]) => PickleValue | undefined;
  /** The value of a persistent id. */
  persistent: (id: PickleValue) => PickleValue;
}

/** Far more than a checkpoint refers to; one takes a byte of the file. */
const maxMemo = 2_000_000;

/** One run of the pickle machine over bytes. */
class Unpickler {
  private readonly stack = new PickleStack();
  private readonly memo = new Map<number, PickleValue>();
  private readonly reader: PickleReader;
  private readonly handlers: PickleHandlers;

  constructor(reader: PickleReader, handlers: PickleHandlers) {
    this.reader = reader;
    this.handlers = handlers;
  }

  run(): PickleValue {
    for (;;) {
      const opcode = this.reader.take(1)[0]!;
      if (opcode === 0x2e) return this.stack.pop(); // '.'
      const value = readLiteral(opcode, this.reader) ?? this.named(opcode);
      // null is a value, and `??` does not tell it from none.
      if (opcode === 0x4e) this.stack.push(null);
      else if (value !== undefined) this.stack.push(value);
      else this.act(opcode);
    }
  }

  private remember(key: number): void {
    if (this.memo.size >= maxMemo) throw new RangeError(`its pickle stores more than ${maxMemo} values`);
    this.memo.set(key, this.stack.top());
  }

  private recall(key: number): PickleValue {
    const value = this.memo.get(key);
    if (value === undefined) throw new RangeError('its pickle recalls what it never stored');
    return value;
  }

  private apply(callable: PickleValue | undefined, args: PickleValue | undefined): void {
    const named = callable instanceof PickleGlobal || callable instanceof PickleObject;
    if (!named || !Array.isArray(args)) throw new RangeError('its pickle calls what is no name');
    // What an inert object would return is inert too.
    const known = callable instanceof PickleGlobal ? this.handlers.reduce(callable.name, args) : undefined;
    this.stack.push(known ?? new PickleObject(callable.name, args));
  }

  private setState(state: PickleValue): void {
    // Attributes of an OrderedDict (`_metadata`) or a tensor are no data.
    const target = this.stack.top();
    if (target instanceof PickleObject) target.state = state;
  }

  /** Opcodes that push an empty container, a name or a recalled value; undefined for the others. */
  private named(opcode: number): PickleValue | undefined {
    switch (String.fromCharCode(opcode)) {
      case '}':
        return new Map();
      case ']':
      case ')':
      case '\x8f': // an empty set
        return [];
      case 'c':
        return new PickleGlobal(`${this.reader.line()}.${this.reader.line()}`);
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
        this.stack.mark();
        return;
      case '0':
        this.stack.drop();
        return;
      case '1':
        this.stack.popToMark();
        return;
      case '2':
        this.stack.push(this.stack.top());
        return;
      case 'q':
        this.remember(this.reader.uint(1));
        return;
      case 'r':
        this.remember(this.reader.uint(4));
        return;
      case '\x94':
        this.remember(this.memo.size);
        return;
      default:
        this.fill(opcode);
    }
  }

  /** Opcodes that make or fill a container. */
  private fill(opcode: number): void {
    switch (String.fromCharCode(opcode)) {
      case 't':
      case 'l':
      case '\x91': // a frozen set
        this.stack.push(this.stack.popToMark());
        return;
      case '\x85':
      case '\x86':
      case '\x87':
        this.stack.push(this.stack.tuple(opcode - 0x84));
        return;
      case 's':
        this.stack.setItems(this.stack.tuple(2));
        return;
      case 'u':
        this.stack.setItems(this.stack.popToMark());
        return;
      case 'a':
        this.stack.append([this.stack.pop()]);
        return;
      case 'e':
      case '\x90':
        this.stack.append(this.stack.popToMark());
        return;
      default:
        this.make(opcode);
    }
  }

  /** Opcodes that would make an object. */
  private make(opcode: number): void {
    switch (String.fromCharCode(opcode)) {
      case '\x93': {
        const [module, name] = this.stack.tuple(2);
        if (typeof module !== 'string' || typeof name !== 'string')
          throw new RangeError('its pickle names something by what is no text');
        this.stack.push(new PickleGlobal(`${module}.${name}`));
        return;
      }
      case 'R':
      case '\x81': {
        const [callable, args] = this.stack.tuple(2);
        this.apply(callable, args);
        return;
      }
      case '\x92': {
        const [callable, args] = this.stack.tuple(3); // the third: arguments by name
        this.apply(callable, args);
        return;
      }
      case 'o': {
        const [callable, ...args] = this.stack.popToMark();
        this.apply(callable, args);
        return;
      }
      case 'Q':
        this.stack.push(this.handlers.persistent(this.stack.pop()));
        return;
      case 'b':
        this.setState(this.stack.pop());
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
