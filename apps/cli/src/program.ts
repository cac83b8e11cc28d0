import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { readFileSync } from 'node:fs';
import { errorLine, EXIT, exitCode, Interrupted } from './errors';
import { pc } from './terminal/color';
import { note } from './terminal/print';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

interface Entry {
  description: string;
  /** Loaded when it is called for: TensorFlow.js takes half a second that `--help` need not wait. */
  load: () => Promise<() => Command>;
}

const COMMANDS: Record<string, Entry> = {
  quickstart: {
    description: 'see the bundled digits detector at work on a dozen new scenes',
    load: async () => (await import('./commands/quickstart')).quickstartCommand,
  },
  train: {
    description: 'train a detector on annotated pictures',
    load: async () => (await import('./commands/train')).trainCommand,
  },
  evaluate: {
    description: 'measure a detector on annotated pictures: a table, report.html and report.json',
    load: async () => (await import('./commands/evaluate')).evaluateCommand,
  },
  compare: {
    description: 'train kinds of detectors on the same pictures, or take finished runs, and compare them',
    load: async () => (await import('./commands/compare')).compareCommand,
  },
  compress: {
    description: "make a detector's fully connected layers smaller by truncated SVD",
    load: async () => (await import('./commands/compress')).compressCommand,
  },
  import: {
    description: "make a detector's folder of weights from torchvision",
    load: async () => (await import('./commands/import')).importCommand,
  },
  detect: {
    description: 'find objects in pictures: drawn, as a table, as JSON, as a data set to train on',
    load: async () => (await import('./commands/detect')).detectCommand,
  },
  jobs: {
    description: 'detect in more pictures than one machine gets done: start, work, status, retry, collect',
    load: async () => (await import('./commands/jobs')).jobsCommand,
  },
  propose: {
    description: 'find boxes that may hold an object (selective search), without any detector',
    load: async () => (await import('./commands/propose')).proposeCommand,
  },
  classify: {
    description: 'say what pictures show, with an ImageNet network or one of your own',
    load: async () => (await import('./commands/classify')).classifyCommand,
  },
  'train-classifier': {
    description: 'train an ImageNet network on a folder of class folders',
    load: async () => (await import('./commands/trainClassifier')).trainClassifierCommand,
  },
  dataset: {
    description: 'look into a folder of annotated pictures, convert it, split it',
    load: async () => (await import('./commands/dataset')).datasetCommand,
  },
  weights: {
    description: 'list and convert files of weights',
    load: async () => (await import('./commands/weights')).weightsCommand,
  },
  doctor: {
    description: 'say which engines work on this machine, how fast, and what to do about the others',
    load: async () => (await import('./commands/doctor')).doctorCommand,
  },
};

const EXAMPLES = `
Start here:
  roikit quickstart                                   see the bundled detector at work
  roikit train --data DIR --backbone squeezenet1_1 --weights imagenet --out runs/x
                                                      train one on your pictures
  roikit detect photo.jpg --model runs/x              use it`;

/** Lets an option say which of its values was probably meant, as commander does of commands and options. */
async function suggestChoices(commands: readonly Command[]): Promise<void> {
  const { didYouMean } = await import('@roikit/training/node');
  for (const option of commands.flatMap(({ options }) => options)) {
    const { argChoices: known, parseArg: parse } = option;
    if (known === undefined || parse === undefined) continue;
    option.parseArg = <T>(value: string, previous: T): T => {
      if (known.includes(value)) return parse(value, previous);
      throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}${didYouMean(value, known)}.`);
    };
  }
}

/** The whole command line; only the commands among `wanted` are more than a name and a description. */
async function createProgram(wanted: readonly string[]): Promise<Command> {
  const program = new Command('roikit')
    .description('Train, evaluate and run two-stage object detectors. No Python, no native build.')
    .version(version)
    .option('--verbose', 'on an error, print where in the code it happened')
    .showHelpAfterError('(run it with --help to see what it takes)')
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  for (const [name, { description, load }] of Object.entries(COMMANDS)) {
    const isWanted = wanted.includes(name);
    const command = isWanted ? (await load())() : new Command(name);
    program.addCommand(command.description(description).copyInheritedSettings(program));
    for (const part of command.commands) part.copyInheritedSettings(command);
    if (isWanted) await suggestChoices([command, ...command.commands]);
  }
  return program;
}

/** Runs one command line and returns the exit code; everything that goes wrong is one line on stderr. */
export async function run(args: readonly string[]): Promise<number> {
  const program = await createProgram(args);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    if (!(error instanceof Interrupted)) note(`${pc.red('error:')} ${errorLine(error)}`);
    if ((program.opts().verbose || process.env.DEBUG) && error instanceof Error)
      note(pc.dim(error.stack ?? ''));
    return exitCode(error);
  }
}
