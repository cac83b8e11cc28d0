import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import { SampleError, type Dataset, type Sample } from '../src';

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'roikit-datasets-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files given by their path below `root`: text as it is, a size as a picture of noise. */
export async function writeFiles(
  root: string,
  files: Record<string, string | Uint8Array | [number, number]>,
): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    const to = join(root, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, Array.isArray(content) ? await picture(...content) : content);
  }
  return root;
}

/** A JPEG of deterministic noise. */
export async function picture(width: number, height: number): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 251);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
}

export interface XmlObject {
  name: string;
  box: readonly [number, number, number, number];
  difficult?: number;
}

/** VOC XML as the annotation tools write it. */
export function vocXml(
  objects: readonly XmlObject[],
  {
    width = 64,
    height = 48,
    filename = 'x.jpg',
  }: { width?: number; height?: number; filename?: string } = {},
): string {
  const entries = objects.map(({ name, box: [xmin, ymin, xmax, ymax], difficult = 0 }) => {
    const corners = `<xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax>`;
    return `<object><name>${name}</name><difficult>${difficult}</difficult><bndbox>${corners}</bndbox></object>`;
  });
  const size = `<size><width>${width}</width><height>${height}</height><depth>3</depth></size>`;
  return `<annotation><filename>${filename}</filename>${size}${entries.join('\n')}</annotation>`;
}

/** What the promise rejects with; fails where it doesn't reject with an Error. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof Error) return outcome.error;
  throw new Error(`expected a rejection with an Error, got ${JSON.stringify(outcome)}`);
}

/** A dataset in memory; an Error in place of a sample is what `get` rejects with. */
export function memoryDataset(
  samples: readonly (Sample | SampleError)[],
  classes: readonly string[],
): Dataset {
  return {
    name: 'memory',
    classes,
    length: samples.length,
    id: (index) => {
      const sample = samples[index]!;
      return sample instanceof SampleError ? `broken-${index}` : sample.id;
    },
    get: async (index) => {
      const sample = samples[index]!;
      if (sample instanceof SampleError) throw sample;
      return sample;
    },
  };
}
