import type * as z from 'zod';

/** Of options that belong to one type of something, which: `{ momentum: 'sgd', betas: 'adamw' }`. */
export interface Owners {
  of: Readonly<Record<string, string>>;
  /** The type where none is named. */
  usual: string;
}

type Typed = Readonly<Record<string, unknown>>;

/** Names of the options that are given and belong to another type than the one at hand, which would ignore them. */
function ignoredOptions(options: object, owners: Owners): string[] {
  const { type = owners.usual, ...given } = options as Typed;
  return Object.keys(given).filter(
    (name) => given[name] !== undefined && Object.hasOwn(owners.of, name) && owners.of[name] !== type,
  );
}

/** For `superRefine`: what would be ignored is refused. */
export function refuseIgnored(owners: Owners): (options: object, context: z.RefinementCtx) => void {
  return (options, context) => {
    const { type = owners.usual } = options as Typed;
    for (const name of ignoredOptions(options, owners)) {
      const message = `expected with type '${owners.of[name]}', got '${String(type)}', which would ignore it; leave ${name} out`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  };
}

/** The options without those. */
export function withoutIgnored<Options extends object>(options: Options, owners: Owners): Options {
  const ignored = ignoredOptions(options, owners);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !ignored.includes(name))) as Options;
}
