import type { EngineName, EngineProblem } from './types';

/** An engine cannot be used; the message says why and what to do. */
export class EngineError extends Error implements EngineProblem {
  readonly engine: EngineName;
  readonly reason: string;
  readonly cure: string;

  constructor(engine: EngineName, problem: EngineProblem, options?: ErrorOptions) {
    super(`engine '${engine}': ${problem.reason}. ${problem.cure}`, options);
    this.name = 'EngineError';
    this.engine = engine;
    this.reason = problem.reason;
    this.cure = problem.cure;
  }
}

/** The first line of whatever was thrown. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .trim()
    .split('\n')[0]!
    .replace(/[\s.]+$/, '');
}

/** True when an import failed because the package is not installed. */
export function isNotInstalled(error: unknown, name: string): boolean {
  const code = (error as { code?: string } | null)?.code;
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return (
    (missing && firstLine(error).includes(name)) || /Failed to resolve|Cannot find/.test(firstLine(error))
  );
}
