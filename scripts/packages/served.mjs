import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { run } from './run.mjs';

/** Runs a command while the server that it talks to is up, on whichever port is free. */
export async function servedCommand(command, { project, server }) {
  const [file, ...args] = server.split(' ');
  const env = { ...process.env, PORT: '0' };
  const child = spawn(file, args, { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    const host = await Promise.race([
      listening(child),
      ended.then(([code]) => {
        throw new Error(`${server} ended with ${code}`);
      }),
    ]);
    const { stdout } = await run('bash', ['-c', command.replace('localhost:3000', host)], { cwd: project });
    if (!stdout.includes('"objects"')) throw new Error(stdout);
  } finally {
    child.kill();
    await ended;
  }
}

/** The address that the server's log names once it listens. */
async function listening(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const host = /listening at http:\/\/([\w.:]+)/.exec(line)?.[1];
    if (host !== undefined) return host;
  }
  throw new Error('the server ended before it listened');
}
