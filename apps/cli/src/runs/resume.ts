import type { Command } from 'commander';
import { join } from 'node:path';
import { UsageError } from '../errors';

interface ResumeRules {
  /** The run's folder. */
  out: string;
  /** The file in it that holds the settings. */
  file: string;
  /** Options that may be given anew (as commander names them), because they change no result. */
  mayChange: readonly string[];
  /** What else is given that a resumed run does not take. @default nothing */
  given?: readonly string[];
}

/** UsageError where --resume comes with what would change the run. */
export function refuseSettings(command: Command, { out, file, mayChange, given = [] }: ResumeRules): void {
  const options = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .filter((option) => !mayChange.includes(option.attributeName()))
    .map(({ long }) => long);
  const all = [...given, ...options];
  if (all.length === 0) return;
  throw new UsageError(
    `${command.name()}: --resume takes its settings from ${join(out, file)}; leave out ${all.join(', ')}`,
  );
}
