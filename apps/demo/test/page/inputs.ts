import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { testEngine } from '../../../../packages/engine/test/testEngine';
import { roikit, vocFolder, writeTinyRecipe } from '../../../cli/test/support';
import { drop, listed, paste, settled, slide } from '../support';
import type { Demo } from './demo';
import { detectByCommand, expectSame } from './same';

/** A picture without anything on it. */
async function plainPicture(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  await sharp({ create: { width: 90, height: 60, channels: 3, background: '#3a6' } }).toFile(file);
  return file;
}

/** Something to find again after what had nothing. */
async function openFirstScene(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Scene 1', exact: true }).click();
  await settled(page);
  expect((await listed(page)).length).toBeGreaterThan(0);
}

export function inputCases(demo: Demo): void {
  test('a dropped picture is detected in; a dropped text is refused in words, and the page goes on', async () => {
    const { page, built } = demo;
    await drop(page, await plainPicture(built.folder, 'plain.png'), 'image/png');
    await settled(page);
    expect(await page.locator('#panel .regions button').count()).toBe(0);

    const text = join(built.folder, 'note.txt');
    await writeFile(text, 'no picture');
    await drop(page, text, 'text/plain');
    await page.getByRole('alert').getByText('note.txt is not a picture').waitFor();
    await openFirstScene(page);
    expect(await page.getByRole('alert').innerText()).toBe('');
  });

  test('a pasted picture takes the place of the one that is shown', async () => {
    const { page, built } = demo;
    await paste(page, await plainPicture(built.folder, 'pasted.png'), 'image/png');
    await settled(page);
    expect(await page.locator('#panel .regions button').count()).toBe(0);
    await openFirstScene(page);
  });

  test('the webcam is looked at frame by frame, and its last frame is walked through', async () => {
    const { page } = demo;
    await page.getByRole('button', { name: 'Webcam' }).click();
    await page.getByText(/pictures a second/).waitFor();
    await page.getByRole('button', { name: 'Look at this frame' }).click();
    await settled(page);
    expect(await page.locator('#stage-features').count()).toBe(1);
  });

  test('a detector whose transfer is cancelled leaves the one before in use', async () => {
    const { page, built } = demo;
    await openFirstScene(page);
    built.network.held = /spp.*\.safetensors$/;
    await page.getByRole('button', { name: 'SPP-net', exact: true }).click();
    await page.getByRole('progressbar', { name: 'Loading the detector' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await settled(page);
    built.network.held = undefined;
    expect(await page.getByRole('alert').innerText()).toBe('');
    const first = page.getByRole('button', { name: 'Fast R-CNN', exact: true });
    expect(await first.getAttribute('aria-pressed')).toBe('true');
    await openFirstScene(page);
  });

  test('a detector that the command trained finds the same in the page', async () => {
    const { page, built } = demo;
    const data = await vocFolder(join(built.folder, 'shapes'));
    const out = join(built.folder, 'run');
    const recipe = writeTinyRecipe(built.folder, { epochs: 2 });
    const given = ['--data', data, '--split', 'train', '--recipe', recipe];
    const written = ['--out', out, '--cache', join(out, 'cache')];
    const trained = await roikit('train', ...given, ...written, '--engine', testEngine);
    expect(trained.stderr).not.toContain('error:');
    const file = join(built.folder, 'shape.png');
    await sharp(join(data, 'JPEGImages/picture0.jpg')).toFile(file);
    const expected = await detectByCommand(file, out);
    expect(expected.length).toBeGreaterThan(0);

    await page.setInputFiles('[data-input=folder]', join(out, 'detector'));
    await settled(page);
    await page.setInputFiles('[data-input=file]', file);
    await settled(page);
    await page.click('#stage-result');
    await slide(page, 'Lowest score', 0);
    expectSame(await listed(page), expected);
  });
}
