import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, vocXml, writeFiles } from './fixtures';

const root = temporaryFolder();
chmodSync(root, 0o755);

// Nothing is forbidden to root, so it is somebody else for a moment. Windows knows neither.
const isRoot = process.geteuid?.() === 0;
const nobody = 65_534;
/** Whether somebody else comes as far as a folder at all. */
const isReachable = (folder: string): boolean =>
  (statSync(folder).mode & 0o001) !== 0 && (folder === dirname(folder) || isReachable(dirname(folder)));
const canForbid = process.geteuid !== undefined && (!isRoot || isReachable(root));
if (!canForbid)
  console.warn(
    'unreadable: permissions are not tested: the system has none, or root keeps temporary files to itself',
  );

afterEach(() => {
  if (isRoot) process.seteuid!(0);
});

const cat = vocXml([{ name: 'cat', box: [1, 1, 9, 9] }]);

test.skipIf(!canForbid)(
  'a folder and files that may not be read are named, and the rest is kept',
  async () => {
    const folder = await writeFiles(join(root, 'forbidden'), {
      'a.xml': cat,
      'a.jpg': [64, 48],
      'b.xml': cat,
      'b.jpg': [64, 48],
      'c.xml': cat,
      'c.jpg': [64, 48],
      'more/d.xml': cat,
    });
    for (const name of ['b.xml', 'c.jpg', 'more']) chmodSync(join(folder, name), 0);
    if (isRoot) process.seteuid!(nobody);
    const dataset = await openDataset(folder);
    expect(Array.from({ length: dataset.length }, (_, i) => dataset.id(i))).toEqual(['a']);
    const messages = dataset.problems.map(({ message }) => message).join('\n');
    for (const name of ['b.xml', 'c.jpg', 'more']) expect(messages).toMatch(new RegExp(`${name}/?: .*`));
    expect(messages).toMatch(/more\/?: the folder can't be read \(.*EACCES.*\); check its permissions/);
    expect(messages).toMatch(/b\.xml: the file can't be read \(.*EACCES.*\); check its permissions/);
    expect(messages).toMatch(/c\.jpg: .*(EACCES|[Pp]ermission)/);
  },
);

test.skipIf(!canForbid)('a dataset that may not be read at all says so', async () => {
  const folder = join(root, 'closed');
  mkdirSync(folder);
  chmodSync(folder, 0);
  if (isRoot) process.seteuid!(nobody);
  expect((await rejection(openDataset(folder))).message).toMatch(
    /closed: the folder can't be read \(.*EACCES/,
  );
});

test('links to files and folders are followed, loops and broken ones end', async () => {
  const elsewhere = await writeFiles(join(root, 'elsewhere'), { 'cam/1.jpg': [64, 48] });
  const folder = await writeFiles(join(root, 'links'), {
    'annotations/cam/1.xml': cat,
    'annotations/2.xml': cat,
  });
  symlinkSync(elsewhere, join(folder, 'images'));
  symlinkSync(folder, join(folder, 'annotations', 'loop'));
  symlinkSync(join(folder, 'self.jpg'), join(folder, 'self.jpg'));
  symlinkSync(join(folder, 'nowhere.jpg'), join(folder, '2.jpg'));
  const dataset = await openDataset(folder);
  expect(Array.from({ length: dataset.length }, (_, i) => dataset.id(i))).toEqual(['cam/1']);
  const [two] = dataset.problems.filter(({ kind }) => kind === 'sample');
  expect(two!.message).toMatch(/2\.xml: .*2\.jpg.* is missing/);
});

// What opens a pipe that nobody writes to waits for ever, and process.exit with it.
test.skipIf(process.platform === 'win32')('pipes among the files are no files', async () => {
  const folder = await writeFiles(join(root, 'pipes'), {
    'images/1.jpg': [64, 48],
    'annotations/1.xml': cat,
  });
  for (const name of ['images/2.jpg', 'annotations/2.xml']) execFileSync('mkfifo', [join(folder, name)]);
  symlinkSync(join(folder, 'images/2.jpg'), join(folder, 'images/3.jpg'));
  const dataset = await openDataset(folder);
  expect(dataset.length).toBe(1);
  expect(dataset.problems).toEqual([]);
});
