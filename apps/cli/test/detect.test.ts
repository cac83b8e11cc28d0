import { openDataset } from '@roikit/datasets/node';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ErrorRecord, PictureRecord } from '../src/detection/record';
import { roikit, saveRandomDetector, temporaryFolder, vocFolder, type Outcome } from './support';

let folder: string;
let pictures: string;
let model: string;
beforeAll(async () => {
  folder = temporaryFolder();
  pictures = join(await vocFolder(join(folder, 'shapes'), { pictures: 4 }), 'JPEGImages');
  model = await saveRandomDetector(join(folder, 'random'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Line = PictureRecord & Partial<ErrorRecord>;

const lines = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
const resultsOf = (out: string) => lines(readFileSync(join(out, 'results.jsonl'), 'utf8'));

/** What may not differ from run to run. */
const told = ({ image, frame, detections, error }: Line) => ({ image, frame, detections, error });

const detect = (...args: string[]): Promise<Outcome> =>
  roikit('detect', ...args, '--model', model, '--score', '0.01', '--engine', 'wasm');

/** An animation of `frames` pictures, wider than high. */
async function writeGif(path: string, frames: number): Promise<string> {
  const stills = Array.from({ length: frames }, (_, i) =>
    sharp({ create: { width: 80, height: 60, channels: 3, background: { r: 60 * i, g: 90, b: 120 } } })
      .png()
      .toBuffer(),
  );
  await sharp(await Promise.all(stills), { join: { animated: true } })
    .gif()
    .toFile(path);
  return path;
}

describe('sources', () => {
  let server: Server;
  let address: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (!request.url?.startsWith('/a%20b.jpg')) return response.writeHead(404).end();
      return response.end(readFileSync(join(pictures, 'picture1.jpg')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test('a file, an address and stdin of one picture give the same', async () => {
    const file = join(pictures, 'picture1.jpg');
    const url = `${address}/a%20b.jpg?size=1`;
    const stdin = vi.spyOn(process, 'stdin', 'get');
    stdin.mockReturnValue(Readable.from([readFileSync(file)]) as typeof process.stdin);
    const out = join(folder, 'sources');
    const { code, stdout } = await detect(file, url, '-', '--json', '--out', out, '--format', 'yolo');
    stdin.mockRestore();
    expect(code).toBe(0);
    const found = lines(stdout);
    expect(found.map(({ image, id }) => [image, id])).toEqual([
      [file, 'picture1'],
      [url, 'a b'],
      ['-', 'stdin'],
    ]);
    expect(found[0]!.detections.length).toBeGreaterThan(0);
    for (const { detections } of found) expect(detections).toEqual(found[0]!.detections);
    // The data set holds those too that lie in no folder, byte for byte.
    for (const name of ['picture1', 'a b', 'stdin'])
      expect(readFileSync(join(out, `yolo/images/train/${name}.jpg`))).toEqual(readFileSync(file));
  });

  test('an address that answers with an error is named, and the others go on', async () => {
    const file = join(pictures, 'picture0.jpg');
    const { code, stdout, stderr } = await detect(`${address}/gone.jpg`, file, '--json', '--save', 'none');
    expect(code).toBe(1);
    expect(stderr).toContain(`${address}/gone.jpg: it can't be fetched (the server answers 404 Not Found)`);
    expect(lines(stdout).map(({ image, error }) => [image, error !== undefined])).toEqual([
      [`${address}/gone.jpg`, true],
      [file, false],
    ]);
  });

  test('an animated picture is dealt with frame by frame, a still one of its name keeps apart', async () => {
    const gif = await writeGif(join(folder, 'picture0.gif'), 3);
    const out = join(folder, 'frames');
    const { code } = await detect(gif, join(pictures, 'picture0.jpg'), '--out', out, '--save', 'jpg');
    expect(code).toBe(0);
    expect(resultsOf(out).map(({ id, frame, frames }) => [id, frame, frames])).toEqual([
      ['picture0-1', 0, 3],
      ['picture0-2', 1, 3],
      ['picture0-3', 2, 3],
      ['picture0', undefined, undefined],
    ]);
    const { format } = await sharp(join(out, 'picture0-2.jpg')).metadata();
    expect(format).toBe('jpeg');
  });
});

describe('what is kept of the detections', () => {
  const one = () => join(pictures, 'picture0.jpg');
  const detections = async (...args: string[]) =>
    lines((await detect(one(), '--json', '--save', 'none', ...args)).stdout)[0]!.detections;

  test('--classes leaves the others out, and --max counts what is left', async () => {
    const all = await detections();
    const squares = all.filter(({ class: name }) => name === 'square');
    expect(squares.length).toBeGreaterThan(2);
    expect(squares.length).toBeLessThan(all.length);
    expect(await detections('--classes', 'square')).toEqual(squares);
    expect(await detections('--classes', 'square', '--max', '2')).toEqual(squares.slice(0, 2));
  });

  test('--iou 1 suppresses nothing that --iou 0.1 does', async () => {
    const [few, many] = [await detections('--iou', '0.1'), await detections('--iou', '1')];
    expect(few.length).toBeGreaterThan(0);
    expect(many.length).toBeGreaterThan(few.length);
  });

  test('a class that the detector lacks is a usage error that names the flag', async () => {
    const { code, stderr } = await detect(one(), '--classes', 'bar,cat');
    expect(code).toBe(2);
    expect(stderr).toContain('--classes: the detector has no cat; it has bar, square');
  });

  test('--max-pixels refuses by name', async () => {
    const { code, stderr } = await detect(one(), '--max-pixels', '100', '--save', 'none');
    expect(code).toBe(1);
    expect(stderr).toMatch(/picture0\.jpg: the picture has 96×96 pixels .*--max-pixels/);
  });

  test('--crops writes what is in each box', async () => {
    const out = join(folder, 'crops');
    await detect(one(), '--out', out, '--save', 'none', '--crops', '--max', '3');
    const [{ detections: found }] = resultsOf(out) as [Line];
    expect(found).toHaveLength(3);
    for (const [i, { class: name, box }] of found.entries()) {
      const { width, height } = await sharp(join(out, 'crops', name, `picture0-${i + 1}.jpg`)).metadata();
      expect(Math.abs(width - (box[2] - box[0]))).toBeLessThan(2);
      expect(Math.abs(height - (box[3] - box[1]))).toBeLessThan(2);
    }
  });

  test('--save none alone writes nothing at all', async () => {
    const before = existsSync('runs/detect/picture0');
    const { stdout } = await detect(one(), '--save', 'none');
    expect(stdout).toMatch(/objects? in 1 picture /);
    expect(existsSync('runs/detect/picture0')).toBe(before);
  });
});

describe.each(['voc', 'coco', 'yolo'] as const)('--format %s', (format) => {
  test('is a data set that our reader gives back: pictures, classes and boxes', async () => {
    const out = join(folder, `as-${format}`);
    const { code, stdout } = await detect(pictures, '--out', out, '--save', 'none', '--format', format);
    expect(code).toBe(0);
    expect(stdout).toContain(`npx roikit train --data ${join(out, format)}`);
    const results = resultsOf(out);
    const dataset = await openDataset(join(out, format), { classes: ['bar', 'square'] });
    expect(dataset.format).toBe(format);
    expect(dataset.problems.map(({ message }) => message)).toEqual([]);
    expect(dataset.length).toBe(4);
    for (let i = 0; i < dataset.length; i++) {
      const { id, image, truth } = await dataset.get(i);
      const found = results.find((line) => line.id === basename(id))!;
      expect([image.width, image.height]).toEqual([96, 96]);
      expect([...truth.labels]).toEqual(found.detections.map(({ label }) => label));
      const boxes = found.detections.flatMap(({ box }) => box);
      for (const [k, value] of truth.boxes.entries()) expect(value).toBeCloseTo(boxes[k]!, 2);
    }
    // What somebody corrected is not written over.
    rmSync(join(out, 'detect.json'));
    writeFileSync(join(out, 'detect.json'), JSON.stringify({ ...settings(out), format }));
    const again = await roikit('detect', '--resume', '--out', out, '--engine', 'wasm');
    expect(again.stderr).toContain('move it away first');
  });
});

const settings = (out: string): object =>
  existsSync(join(out, 'detect.json'))
    ? (JSON.parse(readFileSync(join(out, 'detect.json'), 'utf8')) as object)
    : { pictures: [pictures], model, score: 0.01, save: 'none', crops: false };

describe('--resume', () => {
  test('after a crash in the middle of a line and of an animation, the results are those of one run', async () => {
    const gif = await writeGif(join(folder, 'long.gif'), 3);
    const bad = join(folder, 'bad.jpg');
    writeFileSync(bad, 'no picture');
    const sources = [join(pictures, 'picture0.jpg'), bad, gif, join(pictures, 'picture1.jpg')];
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
    expect((await detect(...sources, '--out', whole)).code).toBe(1);
    expect((await detect(...sources, '--out', parts)).code).toBe(1);
    const text = readFileSync(join(parts, 'results.jsonl'), 'utf8').split('\n');
    expect(text).toHaveLength(7);
    // The first picture, the one that can't be read, a frame, and half of the next.
    writeFileSync(join(parts, 'results.jsonl'), [...text.slice(0, 3), text[3]!.slice(0, 40)].join('\n'));
    rmSync(join(parts, 'long-2.png'));
    // Of one that was killed while it made the file ready to go on with.
    writeFileSync(join(parts, 'results.jsonl.tmp'), `${text[0]}\n`);
    const { code, stderr } = await roikit('detect', '--resume', '--out', parts, '--engine', 'wasm');
    expect(code).toBe(1);
    expect(stderr).toContain('Going on after 2 pictures; 3 sources to go');
    const sorted = (out: string) =>
      resultsOf(out)
        .map(told)
        .sort((a, b) => `${a.image} ${a.frame}`.localeCompare(`${b.image} ${b.frame}`));
    expect(sorted(parts)).toEqual(sorted(whole));
    expect(resultsOf(parts).filter(({ error }) => error !== undefined)).toHaveLength(1);
    expect(readdirSync(parts).sort()).toEqual(readdirSync(whole).sort());
  });

  test('a second run does not mix with the first, and other settings are refused', async () => {
    const out = join(folder, 'once');
    const file = join(pictures, 'picture0.jpg');
    expect((await detect(file, '--out', out)).code).toBe(0);
    const second = await detect(file, '--out', out);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`--resume --out ${out}`);
    const other = await roikit('detect', file, '--resume', '--out', out, '--score', '0.3');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('leave out the pictures, --score');
    const done = await roikit('detect', '--resume', '--out', out, '--engine', 'wasm');
    expect(done.code).toBe(0);
    expect(resultsOf(out)).toHaveLength(1);
  });
});
