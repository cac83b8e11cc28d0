import * as z from 'zod';
import { didYouMean } from './didYouMean';
import { withoutUndefined } from './withoutUndefined';

/** A schema for each key of an interface, and for none besides: `z.strictObject({ … } satisfies Fields<Options>)`. */
export type Fields<Options> = { [Key in keyof Options]-?: z.ZodType<Options[Key]> };

/**
 * Checks a value against a schema.
 *
 * @param caller named in the error
 * @throws RangeError that lists every fault with its place: `createDetector: transform.minSize: too small …`
 */
export function parseOptions<Output>(caller: string, schema: z.ZodType<Output>, value: unknown): Output {
  const checked = checkOptions(schema, value);
  if ('faults' in checked) throw new RangeError(`${caller}: ${checked.faults}`, { cause: checked.cause });
  return checked.data;
}

/**
 * What a schema makes of a value, without options that are undefined, or its complaints in one line:
 * `head.hidden: expected array, got "512"; Unrecognized key: "backbon" (did you mean backbone?)`.
 */
export function checkOptions<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
): { data: Output } | { faults: string; cause: Error } {
  const parsed = schema.safeParse(value, { error: unknownKeys, reportInput: true });
  if (parsed.success) return { data: withoutUndefined(parsed.data) };
  return { faults: parsed.error.issues.flatMap((issue) => describe(issue)).join('; '), cause: parsed.error };
}

/** zod's message of keys that an object may not have, and what they were probably meant to be, or which it may have. */
function unknownKeys({ code, keys, inst }: z.core.$ZodRawIssue): string | undefined {
  if (code !== 'unrecognized_keys') return undefined;
  const known = inst instanceof z.ZodObject ? Object.keys(inst.shape) : [];
  const meant = (keys as string[]).map((key) => ({ key, guess: didYouMean(key, known) }));
  const told = meant.map(({ key, guess }) => `"${key}"${guess}`);
  const all = meant.some(({ guess }) => guess === '') ? ` (expected ${known.join(', ')})` : '';
  return `Unrecognized key${told.length > 1 ? 's' : ''}: ${told.join(', ')}${known.length > 0 ? all : ''}`;
}

type Issue = z.core.$ZodIssue;

function describe(issue: Issue, above: readonly PropertyKey[] = []): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternative that the value is one of, but for what is in it; where it is none, all of them.
    const within = issue.errors.find((issues) => issues.every((inner) => isWithin(inner)));
    if (within) return within.flatMap((inner) => describe(inner, path));
    const all = issue.errors.map((issues) => issues.map((inner) => messageOf(inner)).join(', '));
    return [placed(path, all.join(', or '))];
  }
  return [placed(path, messageOf(issue))];
}

const isWithin = ({ path, code }: Issue): boolean => path.length > 0 || code === 'unrecognized_keys';

function placed(path: readonly PropertyKey[], message: string): string {
  return path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message;
}

function messageOf(issue: Issue): string {
  const message = issue.message.replace(/^Invalid input: /, '');
  const got = inputOf(issue);
  if (typeof got !== 'string' && typeof got !== 'number') return message;
  const options = issue.code === 'invalid_value' ? issue.values : 'options' in issue ? issue.options : [];
  const known = (options as unknown[]).map(String);
  return `${message.replace(/, received \w+$/, '')}, got ${JSON.stringify(got)}${didYouMean(String(got), known)}`;
}

/** What came; where objects are told apart by a key, what that key had. */
function inputOf({ input, ...issue }: Issue): unknown {
  return 'discriminator' in issue ? (input as Record<string, unknown>)[String(issue.discriminator)] : input;
}
