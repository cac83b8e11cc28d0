// What a pickle holds, as data.

/** A name such as `torch._utils._rebuild_tensor_v2`. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What the file says a class or function would make: its name, arguments, attributes and contents. Inert. */
export class PickleObject {
  readonly name: string;
  readonly args: PickleValue[];
  /** What `__setstate__` would get: for most classes their attributes. */
  state: PickleValue = null;
  /** Items of a dict's subclass. */
  readonly entries = new Map<PickleValue, PickleValue>();
  /** Items of a list's or set's subclass. */
  readonly items: PickleValue[] = [];
  constructor(name: string, args: PickleValue[]) {
    this.name = name;
    this.args = args;
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
  | PickleObject
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | object;
