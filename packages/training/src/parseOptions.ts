import type { z } from 'zod';

/** A schema for each key of an interface, and for none besides: `z.strictObject({ … } satisfies Fields<Options>)`. */
export type Fields<Options> = { [Key in keyof Options]-?: z.ZodType<Options[Key]> };

/**
 * Checks a value against a schema.
 *
 * @param caller named in the error
 * @throws RangeError that lists every fault with its place: `createDetector: transform.minSize: too small …`
 */
export function parseOptions<Output>(caller: string, schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RangeError(`${caller}: ${describeIssues(parsed.error)}`, { cause: parsed.error });
}

/** A schema's complaints in one line: `head.hidden: expected array, got string; backbone: …`. */
export function describeIssues({ issues }: z.ZodError): string {
  const faults = issues.map(({ path, message }) => {
    const place = path.length > 0 ? `${path.map(String).join('.')}: ` : '';
    return place + message.replace(/^Invalid input: /, '');
  });
  return faults.join('; ');
}
