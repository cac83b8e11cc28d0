import type { ByteSource } from './byteSource';
import { decode } from './decode';
import { float32ToFloat16 } from './float16';
import type { DType, StateDict, StateTensor } from './stateDict';
import { itemSize, sizeOf, toFloat32 } from './stateDict';

// Format: 8-byte little-endian header length, JSON header, data (https://huggingface.co/docs/safetensors).

/** The reference implementation's own limit. */
const maxHeaderBytes = 100_000_000;

const dtypeOf: Record<string, DType> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
};
const tagOf = Object.fromEntries(Object.entries(dtypeOf).map(([tag, dtype]) => [dtype, tag])) as Record<
  DType,
  string
>;

interface Entry {
  name: string;
  dtype: DType;
  shape: number[];
  begin: number;
  end: number;
}

function malformed(why: string): RangeError {
  return new RangeError(`as safetensors it is malformed: ${why}`);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Types of the format that no array here holds. */
const unsupported = /^(F8_|F4|F6_|C64|E8M0)/;

function dtypeOfTag(name: string, tag: unknown): DType {
  if (typeof tag === 'string' && Object.hasOwn(dtypeOf, tag)) return dtypeOf[tag]!;
  if (typeof tag === 'string' && unsupported.test(tag)) {
    throw new RangeError(
      `${name} is stored as ${tag}, which is not read; convert it to float16 or float32 first`,
    );
  }
  throw malformed(`${name} has the unknown dtype ${JSON.stringify(tag)}`);
}

function parseEntry(name: string, value: unknown): Entry {
  const { dtype: tag, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const dtype = dtypeOfTag(name, tag);
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw malformed(`${name} has no list of sizes as shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw malformed(`${name} has no pair of byte offsets as data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = sizeOf(shape) * itemSize[dtype];
  if (end - begin !== bytes) {
    throw malformed(`${name} takes ${bytes} bytes by its shape, ${end - begin} by its offsets`);
  }
  return { name, dtype, shape, begin, end };
}

/** Entries must tile the data exactly, as the format demands: no overlap, no hole, no byte beyond. */
function checkTiling(entries: Entry[], dataBytes: number): void {
  let next = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== next) throw malformed(`${name} begins at byte ${begin} where ${next} was due`);
    next = end;
  }
  if (next !== dataBytes)
    throw malformed(`its tensors take ${next} bytes of data, the file has ${dataBytes}`);
}

/** After a string of JSON: a colon where it is a name, and a brace where it is an object's. */
const AFTER_STRING = /\s*(:\s*(\{)?)?/y;

/** The format allows no name twice, and JSON.parse takes the last without a word. In a header only tensors are objects. */
function checkNames(header: string): void {
  const names = new Set<string>();
  let fields = names;
  for (const [begin, end] of strings(header)) {
    AFTER_STRING.lastIndex = end;
    const [, isName, isObject] = AFTER_STRING.exec(header)!;
    if (isName === undefined) continue;
    const seen = isObject ? names : fields;
    const name = JSON.parse(header.slice(begin, end)) as string;
    if (seen.has(name)) throw malformed(`${name} stands in its header twice`);
    seen.add(name);
    if (isObject) fields = new Set();
  }
}

/** Where the strings of JSON begin and end, quotes included. */
function* strings(json: string): Generator<[number, number]> {
  let begin = -1;
  for (const { 0: token, index } of json.matchAll(/\\.|"/g)) {
    if (token !== '"') continue; // escaped, and so inside
    if (begin >= 0) yield [begin, index + 1];
    begin = begin < 0 ? index : -1;
  }
}

async function readHeader(source: ByteSource): Promise<{ entries: Entry[]; dataStart: number }> {
  if (source.size < 8) throw malformed(`it has only ${source.size} bytes`);
  const prefix = await source.read(0, 8);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  const available = Math.min(source.size - 8, maxHeaderBytes);
  if (length > available)
    throw malformed(`its header claims ${length} bytes where at most ${available} can be`);
  const text = new TextDecoder().decode(await source.read(8, length));
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new RangeError(malformed('its header is not JSON').message, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw malformed('its header is not an object');
  }
  checkNames(text);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(name, value))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkTiling(entries, source.size - 8 - length);
  return { entries, dataStart: 8 + length };
}

/** Reads every tensor, one at a time. */
export async function readSafetensors(source: ByteSource): Promise<StateDict> {
  const { entries, dataStart } = await readHeader(source);
  const stateDict: StateDict = new Map();
  for (const { name, dtype, shape, begin, end } of entries) {
    const bytes = await source.read(dataStart + begin, end - begin);
    stateDict.set(name, { dtype, shape, data: decode(dtype, bytes) });
  }
  return stateDict;
}

type Precision = 'float32' | 'float16';

function encode(tensor: StateTensor, dtype?: Precision): { dtype: DType; bytes: Uint8Array } {
  const stored = storedType(tensor, dtype);
  const data =
    stored === 'float16'
      ? float32ToFloat16(toFloat32(tensor))
      : stored === 'float32'
        ? toFloat32(tensor)
        : tensor.data;
  return { dtype: stored, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function storedType({ data, dtype: own }: StateTensor, dtype?: Precision): DType {
  if (data instanceof Float64Array) return dtype ?? 'float64';
  return data instanceof Float32Array ? (dtype ?? 'float32') : own;
}

export interface WriteSafetensorsOptions {
  /**
   * Type every floating-point tensor is stored in; integers keep theirs.
   * @default the one it has: nothing is lost (float16 and bfloat16 are held, and stored, as float32)
   */
  dtype?: Precision;
  /** Free text entries of the header. Default none. */
  metadata?: Record<string, string>;
}

/**
 * Writes a state dict as a safetensors file.
 *
 * @returns the file's bytes: header length, JSON header padded to a multiple of 8, data in the dict's order.
 * @throws RangeError where a tensor's data does not have the number of elements of its shape, TypeError where it is no
 *   typed array of its dtype.
 */
export function writeSafetensors(stateDict: StateDict, options: WriteSafetensorsOptions = {}): Uint8Array {
  const { dtype, metadata } = options;
  checkOptions(stateDict, options);
  const header: [name: string, entry: object][] = metadata ? [['__metadata__', metadata]] : [];
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, tensor] of stateDict) {
    if (tensor.data.length !== sizeOf(tensor.shape)) {
      throw new RangeError(
        `writeSafetensors: ${name} of shape [${tensor.shape}] needs ${sizeOf(tensor.shape)} elements, got ${tensor.data.length}`,
      );
    }
    if (name === '__metadata__')
      throw new RangeError("writeSafetensors: no tensor may be called __metadata__, the format's own name");
    const { dtype: stored, bytes } = encode(tensor, dtype);
    if (bytes.length !== sizeOf(tensor.shape) * itemSize[stored]) {
      const got = Object.prototype.toString.call(tensor.data).slice(8, -1);
      throw new TypeError(
        `writeSafetensors: the data of ${name} must be the typed array of its dtype ${tensor.dtype}, got ${got}`,
      );
    }
    const offsets = [end, end + bytes.length];
    header.push([name, { dtype: tagOf[stored], shape: tensor.shape, data_offsets: offsets }]);
    end += bytes.length;
    parts.push(bytes);
  }
  return assemble(header, parts, end);
}

function checkOptions(stateDict: unknown, { dtype, metadata = {} }: WriteSafetensorsOptions): void {
  if (!(stateDict instanceof Map))
    throw new TypeError(
      `writeSafetensors: stateDict must be a Map of names to tensors, got ${Object.prototype.toString.call(stateDict).slice(8, -1)}`,
    );
  if (dtype !== undefined && dtype !== 'float32' && dtype !== 'float16')
    throw new TypeError(`writeSafetensors: dtype must be float32 or float16, got ${String(dtype)}`);
  const odd = Object.entries(metadata).find(([, value]) => typeof value !== 'string');
  if (odd)
    throw new TypeError(
      `writeSafetensors: metadata must be text, as the format has it, got ${JSON.stringify(odd[1])} for ${odd[0]}; take JSON.stringify`,
    );
}

function assemble(header: [string, object][], parts: Uint8Array[], dataBytes: number): Uint8Array {
  // Not by assignment: a tensor may be called __proto__.
  const unpadded = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(unpadded.length / 8) * 8; // data then starts aligned for every dtype
  const file = new Uint8Array(8 + length + dataBytes).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(unpadded, 8);
  let offset = 8 + length;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}
