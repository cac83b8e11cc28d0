import { DETECTORS } from '@roikit/detectors';
import { Command } from 'commander';
import { compareRuns } from '../compare/compareRuns';
import { entrants } from '../compare/entrants';
import { trainKinds, type CompareFlags } from '../compare/trainKinds';
import { UsageError } from '../errors';
import { onlyWith } from '../onlyWith';
import { fraction, integer, names, positive, shared } from '../options';
import { runFolder } from '../runs/runFolder';
import { interruptible } from '../terminal/interrupt';
import { batchOption } from '../training/batchOption';

export function compareCommand(): Command {
  return new Command('compare')
    .argument('[runs...]', 'folders of finished runs; or give --data and --types to train and measure them')
    .option(
      '--types <names>',
      `kinds of detectors, from: ${Object.keys(DETECTORS).join(',')}; with +svd behind it: the same, compressed`,
      names,
    )
    .option('--data <folder>', 'annotated pictures, or digits for synthetic scenes')
    .addOption(shared.format())
    .addOption(shared.images())
    .addOption(shared.annotations())
    .option('--split <name>', 'the part of the data to train on; default: all of it')
    .option('--test-split <name>', 'the part to measure on')
    .option('--test-share <x>', 'or a share of the pictures for it; default: 0.2', fraction)
    .option('--train-pictures <n>', 'train on so many at most, spread over the data', integer({ min: 1 }))
    .option('--test-pictures <n>', 'measure on so many at most', integer({ min: 1 }))
    .addOption(shared.classes())
    .option(
      '--recipes <folder>',
      'settings of each kind: <type>.json, where there is one; flags override them',
    )
    .option('--backbone <name>', 'network that all of them are built on, for example squeezenet1_1')
    .option('--weights <file>', "the backbone's ImageNet weights (.safetensors); default: train from scratch")
    .option('--epochs <n>', 'how often every picture is seen', integer({ min: 1 }))
    .addOption(batchOption())
    .option('--lr <x>', 'learning rate', positive)
    .option('--seed <n>', 'another seed, another order and other initial weights', integer({ min: 0 }))
    .addOption(shared.engine())
    .addOption(shared.cache())
    .addOption(shared.out('runs/compare/comparison'))
    .addOption(shared.json())
    .action(compare);
}

/** What finished runs take, too. */
const OF_ALL = ['out', 'json'];

async function compare(
  runs: string[],
  flags: CompareFlags & { json?: boolean },
  command: Command,
): Promise<void> {
  const { types, data, json = false } = flags;
  if (runs.length > 0 && (types ?? data) !== undefined)
    throw new UsageError('compare: give finished runs, or --data and --types, not both');
  if (runs.length > 0) {
    const others = command.options.map((option) => option.attributeName());
    onlyWith(
      command,
      '--data and --types, which train; these runs are finished',
      others.filter((name) => !OF_ALL.includes(name)),
    );
  }
  if (runs.length === 0 && (types === undefined || data === undefined))
    throw new UsageError('compare: give the folders of finished runs, or --data and --types');
  const entering = types && entrants(types);
  if ((entering ?? runs).length < 2)
    throw new UsageError('compare: a comparison takes two runs or more, or as many --types');
  const out = runFolder({ out: flags.out, task: 'compare', name: 'comparison' });
  const folders =
    runs.length > 0
      ? runs
      : await interruptible((signal) => trainKinds({ ...flags, types: entering! }, { out, signal }));
  await compareRuns(folders, { out, json });
}
