import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { crc32c } from '../src/tensorboard/crc32c';
import { encodeEvent, type BoardEvent } from '../src/tensorboard/encodeEvent';
import { EventFile, toRecord } from '../src/tensorboard/eventFile';
import golden from './goldens/eventFile.json';
import { roikit, vocFolder, writeTinyRecipe } from './support';

const folder = mkdtempSync(join(tmpdir(), 'roikit-board-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('CRC-32C of what RFC 3720, B.4 lists', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

test("records are TensorBoard's own writer's, byte for byte", () => {
  const records = (golden.events as BoardEvent[]).map((event) => toRecord(encodeEvent(event)));
  expect(Buffer.concat(records).toString('base64')).toBe(golden.file);
});

test('two files of a second have names of their own, in order', () => {
  const own = join(folder, 'names');
  const now = 1_700_000_000_250;
  const names = [0, 1].map(() => new EventFile(own, now).path.slice(own.length + 1));
  expect(names.toSorted()).toEqual(names);
  for (const name of names) expect(name).toMatch(/^events\.out\.tfevents\.1700000000\.[\w.-]+\.\d+\.[01]$/);
  expect(readFileSync(join(own, names[1]!)).toString('latin1')).toContain('brain.Event:2');
});

interface Read {
  wallTime: number;
  step: number;
  scalars: Record<string, number>;
  restart: boolean;
}

/** Message fields by number: a varint as number, everything else as bytes. */
function fieldsOf(bytes: Buffer): [number, number | Buffer][] {
  const fields: [number, number | Buffer][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const key = varint();
    const wire = key & 7;
    fields.push([key >> 3, wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : varint())]);
  }
  return fields;
}

/** What event.proto and summary.proto say is in a file. */
function readEvents(path: string): Read[] {
  const bytes = readFileSync(path);
  const events: Read[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    const fields = fieldsOf(bytes.subarray(at + 12, at + 12 + length));
    at += length + 16;
    const field = (number: number) => fields.find(([n]) => n === number)?.[1];
    const values = fieldsOf((field(5) as Buffer) ?? Buffer.alloc(0)).map(([, value]) =>
      Object.fromEntries(fieldsOf(value as Buffer)),
    );
    events.push({
      wallTime: (field(1) as Buffer).readDoubleLE(),
      step: (field(2) as number) ?? 0,
      scalars: Object.fromEntries(values.map((v) => [String(v[1]), (v[2] as Buffer).readFloatLE()])),
      restart: field(7) !== undefined,
    });
  }
  return events;
}

describe('train --tensorboard', () => {
  const out = join(folder, 'run');
  const board = join(out, 'tensorboard');
  const flags = ['--engine', testEngine, '--cache', join(folder, 'cache')];
  const started = Date.now() / 1000;
  let files: Read[][];
  let codes: number[];
  beforeAll(async () => {
    const data = await vocFolder(join(folder, 'shapes'));
    const recipe = writeTinyRecipe(folder, { epochs: 1 });
    const splits = ['--split', 'train', '--val-split', 'val'];
    const first = await roikit(
      'train',
      '--data',
      data,
      ...splits,
      '--recipe',
      recipe,
      '--out',
      out,
      '--tensorboard',
      ...flags,
    );
    const second = await roikit('train', '--resume', '--out', out, '--epochs', '2', ...flags);
    codes = [first.code, second.code];
    files = readdirSync(board)
      .sort()
      .map((name) => readEvents(join(board, name)));
  });

  test('each part of a run has a file of its own; steps go on', () => {
    expect(codes).toEqual([0, 0]);
    expect(files).toHaveLength(2);
    const steps = files.map((events) =>
      events.filter(({ scalars }) => 'learning_rate' in scalars).map(({ step }) => step),
    );
    // 4 pictures, 2 a step
    expect(steps).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(files[0]!.some(({ restart }) => restart)).toBe(false);
    expect(files[1]!.find(({ restart }) => restart)).toMatchObject({ step: 3 });
  });

  test('losses, rates and scores are those of metrics.jsonl, at the time that it was', () => {
    const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const logged = lines.map(
      (line) =>
        JSON.parse(line) as { type: string; losses: { total: number }; learningRate: number; score: number },
    );
    const events = files.flat();
    const ofSteps = events.filter(({ scalars }) => 'learning_rate' in scalars);
    const steps = logged.filter(({ type }) => type === 'step');
    expect(ofSteps.map(({ scalars }) => scalars['loss/total'])).toEqual(
      steps.map(({ losses }) => Math.fround(losses.total)),
    );
    expect(ofSteps.map(({ scalars }) => scalars.learning_rate)).toEqual(
      steps.map(({ learningRate }) => Math.fround(learningRate)),
    );
    const ofEpochs = events.filter(({ scalars }) => 'epoch_loss/total' in scalars);
    const epochs = logged.filter(({ type }) => type === 'epoch');
    expect(ofEpochs.map(({ step }) => step)).toEqual([2, 4]);
    expect(ofEpochs.map(({ scalars }) => scalars['validation/score'])).toEqual(
      epochs.map(({ score }) => Math.fround(score)),
    );
    expect(ofEpochs[0]!.scalars).toHaveProperty('validation/AP50');
    const times = events.map(({ wallTime }) => wallTime);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(times[0]).toBeGreaterThan(started - 1);
    expect(times.at(-1)).toBeLessThan(Date.now() / 1000 + 1);
  });
});
