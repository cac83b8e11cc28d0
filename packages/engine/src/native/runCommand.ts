import { spawn } from 'node:child_process';
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
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, signal, stdio: ['ignore', 'pipe', 'pipe'] });
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
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new EngineError('tensorflow', { reason: `${command} cannot be run (${firstLine(error)})`, cure });
  });
  if (code === 0) return output;
  const reason = `\`${command} ${args.slice(0, 3).join(' ')} …\` failed: ${lines.slice(-4).join(' | ')}`;
  throw new EngineError('tensorflow', { reason, cure });
}
