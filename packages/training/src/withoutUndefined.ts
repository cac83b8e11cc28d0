/**
 * Options without those that are undefined, at any depth: `{ learningRate: flags.lr }` where nobody said one gives none, and
 * a default that it is spread over stays. What is no plain object is left as it is.
 */
export function withoutUndefined<Value>(value: Value): Value {
  if (!isPlain(value)) return value;
  const given = Object.entries(value).filter(([, own]) => own !== undefined);
  return Object.fromEntries(given.map(([name, own]) => [name, withoutUndefined(own)])) as Value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
