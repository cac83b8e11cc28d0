import { Option } from 'commander';
import { positive } from '../../options';

/** Options of several of the verbs. */
export const jobsOptions = {
  out: () =>
    new Option(
      '--out <folder>',
      "the run's folder, which all machines see, or s3://bucket/prefix",
    ).makeOptionMandatory(),
  queue: () =>
    new Option(
      '--queue <address>',
      'redis://host:6379, rediss://…, postgres://user@host/database, or local for this machine alone',
    )
      .env('ROIKIT_QUEUE')
      .default('local'),
  slots: () =>
    new Option(
      '--slots <n>',
      'shards at a time, a process each; default: one a core on wasm, one on other engines',
    ),
  lock: () =>
    new Option(
      '--lock <seconds>',
      'a shard whose worker says nothing for so long goes to another; the same for all workers',
    )
      .argParser(positive)
      .default(30),
  root: () =>
    new Option(
      '--root <folder>',
      'where the pictures are on this machine, if not where they were at the start',
    ),
};
