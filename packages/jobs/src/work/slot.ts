import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunInfo } from '../types';
import type { FromChild, ShardResult, ToChild } from './messages';

/** The process that computes: a file that calls `serveShards`. */
export interface ChildOptions {
  file: URL;
  /** Node's own arguments. */
  execArgv?: string[];
  /** What its `open` is given; plain data. */
  init: unknown;
}

/** A child ended by itself or was ended because it stood still; perhaps its shard's fault. */
export class ChildDied extends Error {
  override name = 'ChildDied';
  /** The picture it was at. */
  readonly image: string | undefined;

  constructor(reason: string, image?: string) {
    super(reason);
    this.image = image;
  }
}

/** One shard at a time, in a process of its own: this one stays free to renew the shard's lock. */
export interface Slot {
  readonly detail: string;
  /** How many of its kind the machine has room for. */
  readonly room: number;
  /** @throws ChildDied; Error where the shard can't be read or its part not written */
  run(shard: number): Promise<ShardResult>;
  /** Ends the process at once, also at work. */
  stop(): void;
}

/** Reading a model over a slow network takes no longer. */
const OPEN_MS = 600_000;

/** Starts a child. @throws Error with the child's own message where it can't work, or that names its file */
export async function startSlot(
  { file, execArgv, init }: ChildOptions,
  { run, patience }: { run: RunInfo; patience: number },
): Promise<Slot> {
  const path = fileURLToPath(file);
  const child = fork(path, [], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const conversation = converse(child);
  const opened = conversation.ask({ type: 'open', init, run }, 'ready', OPEN_MS);
  const { detail, slots: room } = await opened.catch((error: unknown) => {
    child.kill('SIGKILL');
    if (!(error instanceof ChildDied)) throw error;
    throw new Error(`${path}: ended before it could work (${error.message})`, { cause: error });
  });
  return {
    detail,
    room,
    run: async (shard) => (await conversation.ask({ type: 'shard', shard }, 'done', patience)).result,
    stop: () => void child.kill('SIGKILL'),
  };
}

type Answer<T extends FromChild['type']> = Extract<FromChild, { type: T }>;

interface Question {
  resolve: (message: FromChild) => void;
  reject: (error: Error) => void;
}

/** One question at a time; a child that says nothing for as long as the question's patience is ended. */
function converse(child: ChildProcess) {
  let patience = 0;
  let open: Question | undefined;
  let image: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended: ChildDied | undefined;
  const settle = (how: (question: Question) => void): void => {
    clearTimeout(timer);
    const question = open;
    open = undefined;
    if (question) how(question);
  };
  const die = (reason: string): void => {
    ended ??= new ChildDied(reason, image);
    settle(({ reject }) => reject(ended!));
  };
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      die(`no sign of life for ${Math.round(patience / 1000)} s`);
      child.kill('SIGKILL');
    }, patience);
  };
  child.on('message', (message: FromChild) => {
    if (message.type === 'at') {
      image = message.image;
      watch();
    } else if (message.type === 'cannot' || message.type === 'failed') {
      const { type: _type, message: text, ...system } = message;
      settle(({ reject }) => reject(Object.assign(new Error(text), system)));
    } else settle(({ resolve }) => resolve(message));
  });
  child.on('error', (error) => die(error.message));
  child.on('exit', (code, signal) => die(`its process ended (${signal ?? `exit code ${code}`})`));
  return {
    ask: <T extends FromChild['type']>(question: ToChild, _answer: T, atMost: number): Promise<Answer<T>> => {
      if (ended) return Promise.reject(ended);
      patience = atMost;
      image = undefined;
      watch();
      return new Promise<FromChild>((resolve, reject) => {
        open = { resolve, reject };
        child.send(question, (error) => error && die(error.message));
      }) as Promise<Answer<T>>;
    },
  };
}
