import { type ChildProcess, spawn } from 'node:child_process';
import { EngineError, firstLine } from '../engineError';

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Called with each line of either output. */
  onLine?: (line: string) => void;
  /** What to tell the user when the command is missing or fails. */
  cure: string;
}

/** Runs a command to its end and returns its standard output; throws an EngineError with its last lines. */
export async function runCommand(command: string, args: string[], options: RunOptions): Promise<string> {
  const { cwd, env, signal, onLine, cure } = options;
  signal?.throwIfAborted();
  // A process group of its own: what is stopped is also the compiler that the command started.
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => stopGroup(child);
  signal?.addEventListener('abort', stop);
  let output = '';
  const lines: string[] = [];
  const listen = (text: string): void => {
    for (const line of text.split(/\r?\n|\r/)) {
      if (line.trim() === '') continue;
      lines.push(line);
      onLine?.(line);
    }
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    listen(text);
  });
  child.stderr.setEncoding('utf8').on('data', listen);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  })
    .catch((error: unknown) => {
      throw new EngineError('tensorflow', { reason: `${command} cannot be run (${firstLine(error)})`, cure });
    })
    .finally(() => signal?.removeEventListener('abort', stop));
  signal?.throwIfAborted();
  if (code === 0) return output;
  const reason = `\`${command} ${args.slice(0, 3).join(' ')} …\` failed: ${lines.slice(-4).join(' | ')}`;
  throw new EngineError('tensorflow', { reason, cure });
}

function stopGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended in the meantime.
  }
}
