/** Takes a pickle's numbers and texts from its bytes, never beyond their end. */
export class PickleReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  take(count: number): Uint8Array {
    if (!(count >= 0) || this.position + count > this.bytes.length)
      throw new RangeError('its pickle is cut off');
    this.position += count;
    return this.bytes.subarray(this.position - count, this.position);
  }

  uint(size: 1 | 2 | 4): number {
    const at = this.position;
    this.take(size);
    if (size === 1) return this.view.getUint8(at);
    return size === 2 ? this.view.getUint16(at, true) : this.view.getUint32(at, true);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.take(length));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw new RangeError('its pickle is cut off');
    const text = this.text(end - this.position);
    this.take(1);
    return text;
  }

  /** A little-endian two's complement integer. */
  long(length: number): number | bigint {
    // Its value takes time with the square of its length.
    if (length > 1024) throw new RangeError('its pickle has an integer of more than 1024 bytes');
    let value = 0n;
    const bytes = this.take(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    const signed = BigInt.asIntN(8 * length, value);
    return signed >= -(2n ** 53n) && signed <= 2n ** 53n ? Number(signed) : signed;
  }

  long8(): number {
    const low = this.uint(4);
    return this.uint(4) * 2 ** 32 + low;
  }

  float(): number {
    const at = this.position;
    this.take(8);
    return this.view.getFloat64(at, false);
  }
}
