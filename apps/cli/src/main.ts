#!/usr/bin/env node
import { errorLine, EXIT } from './errors';
import { run } from './program';
import { note } from './terminal/print';

// `roikit … --json | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  error.path ??= 'stdout';
  note(`error: ${errorLine(error)}`);
  process.exit(EXIT.failure);
});
// Nobody is left to be told why.
process.stderr.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : EXIT.failure),
);

process.exitCode = await run(process.argv.slice(2));
