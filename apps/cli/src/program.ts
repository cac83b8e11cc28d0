import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { doctorCommand } from './commands/doctor';
import { detectCommand } from './commands/detect';
import { evaluateCommand } from './commands/evaluate';
import { proposeCommand } from './commands/propose';
import { quickstartCommand } from './commands/quickstart';
import { trainCommand } from './commands/train';
import { errorLine, EXIT, exitCode, Interrupted } from './errors';
import { note } from './terminal/print';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function createProgram(): Command {
  const program = new Command('roikit')
    .description('Train, evaluate and run two-stage object detectors. No Python, no native build.')
    .version(version)
    .option('--verbose', 'on an error, print where in the code it happened')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(run it with --help to see what it takes)')
    .addHelpText('after', EXAMPLES);
  const commands = [
    quickstartCommand(),
    trainCommand(),
    evaluateCommand(),
    detectCommand(),
    proposeCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  // A subcommand inherits these only when it is made by its parent.
  for (const command of [program, ...commands]) command.exitOverride().copyInheritedSettings(program);
  return program;
}

const EXAMPLES = `
Start here:
  roikit quickstart                                  see the bundled detector at work
  roikit train --data DIR --format voc --recipe FILE train one on your pictures
  roikit detect photo.jpg --model runs/x/detector    use it`;

/** Runs one command line and returns the exit code; everything that goes wrong is one line on stderr. */
export async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
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
