import { appendFileSync } from 'node:fs';

/** Process exit codes, as shells and other tools use them. */
export const EXIT = { failure: 1, usage: 2, interrupted: 130 } as const;

/** A failure that the user can cure: its message says what, which file and what to do. */
export class UserError extends Error {
  override name = 'UserError';
}

/** The command line or a recipe is wrong. */
export class UsageError extends UserError {
  override name = 'UsageError';
}

/** Ctrl-C was pressed and everything that should be kept is saved. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** What the process should exit with after this error. */
export function exitCode(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

/** An error as one line for the user; as one line a problem where --strict found several. */
export function errorLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Our own messages end in the cure, which must not be cut off.
  if (error instanceof UserError) return error.message;
  if (error instanceof AggregateError) return inFlags(error.message);
  const { code, path: named, dest } = error as NodeJS.ErrnoException & { dest?: string };
  // Of a copy Node names both files: it is the new one that finds no room.
  const path = code === 'ENOSPC' || code === 'EROFS' ? (dest ?? named) : named;
  const system = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (system !== undefined && path !== undefined) return `${path}: ${system}`;
  const line = inFlags(error.message.split('\n')[0] || error.name);
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}

/** What `work` gives; where the system refuses, its error names `path` (errors of open files name none). */
export async function naming<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== undefined && error.path === undefined) error.path = path;
    throw error;
  });
}

/** Adds to a file that grows; where the system refuses, its error names `path` (Node's of a full disk names none). */
export function appendNaming(path: string, data: string | Uint8Array): void {
  try {
    appendFileSync(path, data);
  } catch (error) {
    (error as NodeJS.ErrnoException).path ??= path;
    throw error;
  }
}

/** Functions of the packages whose arguments the flags are. */
const FUNCTIONS =
  /^(?:openDataset|writeDataset|splitDataset|createDetector|loadDetector|detectorPool|readStateDict|assertFinite|train|evaluate): /;

/** What the packages call an option, as the command line does. */
const FLAGS: readonly (readonly [RegExp, string])[] = [
  [/\bmaxPixels\b/g, '--max-pixels'],
  [/`(images|annotations|split|format|classes)`/g, '--$1'],
];

/** A message of the packages, in the words of the command line. */
export function inFlags(message: string): string {
  const text = message.replace(FUNCTIONS, '');
  return FLAGS.reduce((line, [name, flag]) => line.replace(name, flag), text);
}

/** Four lines of a terminal: beyond are lists of names that no one reads to the end. */
const LONGEST_LINE = 320;

/** What the operating system's codes mean for somebody who typed a path. */
const SYSTEM_ERRORS: Record<string, string> = {
  ENOENT: 'there is no such file or folder; check the path',
  EACCES: 'permission denied; choose another folder or change its permissions',
  EPERM: 'operation not permitted; choose another folder or change its permissions',
  EEXIST: 'there is a file of this name; choose another',
  EISDIR: 'this is a folder; give a file',
  ENOTDIR: 'a part of this path is a file, not a folder; check the path',
  ENOSPC: 'the disk is full; make room and run the command again',
  EROFS: 'the file system is read-only; choose another folder',
};

/** fetch says only "fetch failed"; what failed is in its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? reasonOf(cause) : error.message || error.name;
}
