/** What an event file says at one moment: its version, that a run begins again at `step`, or numbers of a step. */
export interface BoardEvent {
  /** Seconds since 1970. */
  wallTime: number;
  step?: number;
  /** The first event of a file has one. */
  fileVersion?: string;
  /** What files before this one have from `step` on is void: it is done again. */
  restart?: boolean;
  scalars?: Readonly<Record<string, number>>;
}

/** Protocol buffers' wire types. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/** The `Event` message of tensorflow's event.proto and summary.proto, fields in ascending order as protoc's code has them. */
export function encodeEvent({ wallTime, step = 0, fileVersion, restart, scalars }: BoardEvent): Buffer {
  const values = Object.entries(scalars ?? {}).map(([tag, value]) =>
    field(1, BYTES, Buffer.concat([field(1, BYTES, Buffer.from(tag)), field(2, FIXED32, float(value))])),
  );
  return Buffer.concat([
    field(1, FIXED64, double(wallTime)),
    step === 0 ? Buffer.alloc(0) : field(2, VARINT, varint(step)),
    fileVersion === undefined ? Buffer.alloc(0) : field(3, BYTES, Buffer.from(fileVersion)),
    values.length === 0 ? Buffer.alloc(0) : field(5, BYTES, Buffer.concat(values)),
    restart ? field(7, BYTES, field(1, VARINT, varint(1))) : Buffer.alloc(0), // SessionLog, status START
  ]);
}

function field(number: number, wire: number, content: Buffer): Buffer {
  const key = varint(number * 8 + wire);
  return Buffer.concat(wire === BYTES ? [key, varint(content.length), content] : [key, content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
