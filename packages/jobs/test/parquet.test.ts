import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../src/collect/collect';
import { encoderOf } from '../src/collect/encoders';
import type { PartRecord } from '../src/collect/readRecords';
import { localQueue } from '../src/queue/localQueue';
import { testRun, textOf, workOff, type TestRun } from './support';

let run: TestRun;
beforeAll(async () => {
  run = await testRun(['0', '3', 'bad', '1', '0', '2', '1']);
  await workOff(run, localQueue());
});
afterAll(() => rmSync(run.root, { recursive: true }));

type Row = Omit<PartRecord, 'detections'> & {
  error?: string;
  detections?: Record<string, number | string>[];
};

async function readBack(file: ArrayBuffer): Promise<Row[]> {
  return (await parquetReadObjects({ file })) as unknown as Row[];
}

test('every line of the JSONL is a row: numbers of 32 bits, no detections an empty list, an error none', async () => {
  await collect({ ...run, format: 'jsonl', name: 'all.jsonl' });
  const report = await collect({ ...run, format: 'parquet', name: 'all.parquet' });
  expect(report).toEqual({ pictures: 7, failed: 1, detections: 7, missing: 0 });
  const lines = textOf(run.folder, 'all.jsonl').trim().split('\n');
  const expected = lines.map((line) => {
    const record = JSON.parse(line) as PartRecord;
    if ('error' in record) return record;
    const detections = record.detections.map(({ box, score, ...others }) => {
      const [x1, y1, x2, y2] = box.map(Math.fround);
      return { ...others, score: Math.fround(score), x1, y1, x2, y2 };
    });
    return { ...record, detections };
  });
  const { buffer } = new Uint8Array((await run.storage.read('all.parquet'))!);
  const given = (row: object) => Object.fromEntries(Object.entries(row).filter(([, value]) => value != null));
  expect((await readBack(buffer)).map(given)).toEqual(expected);
});

test('row groups are bounded, and leave as they are full; frames and names of any writing', async () => {
  const { of, end } = await encoderOf('parquet');
  const detection = {
    class: 'Zähler',
    label: 2,
    score: 0.5,
    box: [1, 2, 3, 4] as [number, number, number, number],
  };
  const pieces: Uint8Array[] = [];
  let longest = 0;
  for (let part = 0; part < 25; part++) {
    const records = Array.from({ length: 1000 }, (_, i): PartRecord => {
      const picture = 1000 * part + i;
      const size = { width: 7 + picture, height: 5 };
      return {
        picture,
        image: `é/${picture}.gif`,
        frame: i % 3,
        ...size,
        detections: Array.from({ length: i % 11 }, () => detection),
      };
    });
    const piece = of(records, new Uint8Array(0)) as Uint8Array;
    if (piece.length > 4) longest = Math.max(longest, part);
    pieces.push(piece);
  }
  pieces.push(end!() as Uint8Array);
  expect(longest).toBe(21); // 6 a picture: one group of 2¹⁷ has left before the end
  const { buffer } = new Uint8Array(Buffer.concat(pieces));
  const { row_groups: groups, created_by } = parquetMetadata(buffer);
  expect([groups.length, created_by]).toEqual([2, 'roikit']);
  const rows = await readBack(buffer);
  expect(rows).toHaveLength(25_000);
  for (const [i, row] of rows.entries()) {
    const { picture, image, frame, width, detections } = row as Row & { width: number };
    const count = (i % 1000) % 11;
    expect([picture, image, frame, width, detections!.length]).toEqual([
      i,
      `é/${i}.gif`,
      (i % 1000) % 3,
      7 + i,
      count,
    ]);
    if (count > 0)
      expect(detections![count - 1]).toEqual({
        class: 'Zähler',
        label: 2,
        score: 0.5,
        x1: 1,
        y1: 2,
        x2: 3,
        y2: 4,
      });
  }
});
