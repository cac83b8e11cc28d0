import { Command, Option } from 'commander';
import { onlyWith } from '../onlyWith';
import { integer, shared } from '../options';
import type { CollectFlags } from './jobs/collect';
import { jobsOptions } from './jobs/options';
import type { RetryFlags } from './jobs/retry';
import type { StartFlags } from './jobs/start';
import type { StatusFlags } from './jobs/status';
import type { WorkFlags } from './jobs/work';

/** What each verb needs is loaded with it: a worker's own process has no use for TensorFlow.js, its children have. */
export function jobsCommand(): Command {
  return new Command('jobs')
    .addCommand(startCommand())
    .addCommand(workCommand())
    .addCommand(statusCommand())
    .addCommand(retryCommand())
    .addCommand(collectCommand());
}

function startCommand(): Command {
  return new Command('start')
    .description('make a list of pictures a run of many machines, or go on with it; local: do it, too')
    .argument('[images...]', 'pictures, folders, patterns such as "photos/**/*.jpg", http(s) addresses')
    .requiredOption(
      '--model <detector>',
      "a detector's folder, a training run's, or digits (digits-faster-rcnn …)",
    )
    .addOption(jobsOptions.out())
    .addOption(jobsOptions.queue())
    .option('--list <file>', 'a file with a path or address a line, of any length')
    .option('--shard-size <n>', 'pictures that a worker takes at a time', integer({ min: 1 }), 256)
    .addOption(shared.score())
    .addOption(shared.max())
    .addOption(shared.iou())
    .addOption(shared.onlyClasses())
    .addOption(shared.maxPixels())
    .addOption(shared.engine())
    .addOption(jobsOptions.slots().argParser(integer({ min: 1 })))
    .action(async (patterns: string[], flags: StartFlags, command: Command) => {
      if (flags.queue !== 'local')
        onlyWith(command, '--queue local; elsewhere they are for jobs work', ['engine', 'slots']);
      return (await import('./jobs/start')).startJobs(patterns, flags);
    });
}

function workCommand(): Command {
  return new Command('work')
    .description('take shards of a run until all are done; on any number of machines')
    .addOption(jobsOptions.out())
    .addOption(jobsOptions.queue())
    .addOption(shared.engine())
    .addOption(jobsOptions.slots().argParser(integer({ min: 1 })))
    .addOption(jobsOptions.root())
    .addOption(jobsOptions.lock())
    .action(async (flags: WorkFlags) => (await import('./jobs/work')).workOnJobs(flags));
}

function statusCommand(): Command {
  return new Command('status')
    .description('what is done, how fast, how long it will take, and what was set aside')
    .addOption(jobsOptions.out())
    .addOption(jobsOptions.queue())
    .addOption(shared.json())
    .action(async (flags: StatusFlags) => (await import('./jobs/status')).showStatus(flags));
}

function retryCommand(): Command {
  return new Command('retry')
    .description('let shards that were set aside be done again')
    .addOption(jobsOptions.out())
    .addOption(jobsOptions.queue())
    .option('--pictures', 'also shards with a picture that could not be dealt with')
    .action(async (flags: RetryFlags) => (await import('./jobs/retry')).retryJobs(flags));
}

function collectCommand(): Command {
  return new Command('collect')
    .description('write all results as one file, and measure them where there are annotations')
    .addOption(jobsOptions.out())
    .addOption(
      new Option('--format <name>', "coco: pycocotools' results file; parquet: a row a line of the JSONL")
        .choices(['jsonl', 'coco', 'parquet'])
        .default('jsonl'),
    )
    .option(
      '--truths <path>',
      'annotations of the pictures, as a folder or a COCO file: metrics, and its ids',
    )
    .option('--split <name>', 'with --truths: the part of them to use; default: all')
    .option('--partial', 'leave out what is not done')
    .addOption(shared.json())
    .action(async (flags: CollectFlags, command: Command) => {
      if (flags.truths === undefined) onlyWith(command, '--truths', ['split']);
      return (await import('./jobs/collect')).collectRun(flags);
    });
}
