import type { Command } from 'commander';
import { UsageError } from './errors';

/**
 * UsageError where an option was given that would be ignored.
 *
 * @param names as commander has them
 * @param needed what they mean something with
 */
export function onlyWith(command: Command, needed: string, names: readonly string[]): void {
  const given = command.options
    .filter((option) => names.includes(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long }) => long);
  if (given.length > 0) throw new UsageError(`${command.name()}: ${given.join(', ')} only with ${needed}`);
}
