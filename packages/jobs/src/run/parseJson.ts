/** A value of JSON; undefined where the text is damaged. */
export function parseJson<Value>(data: Uint8Array | string): Value | undefined {
  try {
    return JSON.parse(typeof data === 'string' ? data : Buffer.from(data).toString()) as Value;
  } catch {
    return undefined;
  }
}
