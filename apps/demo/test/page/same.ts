import { boxIou } from '@roikit/geometry';
import { expect } from 'vitest';
import { testEngine } from '../../../../packages/engine/test/testEngine';
import { roikit } from '../../../cli/test/support';
import type { Listed } from '../support';

/** What `roikit detect` finds, down to the lowest score that the page shows. */
export async function detectByCommand(picture: string, model: string): Promise<Listed[]> {
  const args = ['--model', model, '--score', '0.05', '--engine', testEngine, '--json', '--save', 'none'];
  const { stdout } = await roikit('detect', picture, ...args);
  const { detections } = JSON.parse(stdout.trim()) as { detections: { class: string; box: number[] }[] };
  return detections.map(({ class: name, box }) => ({ name, box }));
}

/** The same classes, and each box over its twin. Near ties may change places between engines. */
export function expectSame(found: readonly Listed[], expected: readonly Listed[]): void {
  expect(found.map(({ name }) => name).sort()).toEqual(expected.map(({ name }) => name).sort());
  for (const { name, box } of expected) {
    const twins = found.filter((other) => other.name === name).flatMap((other) => other.box);
    expect(Math.max(...boxIou(Float32Array.from(box), Float32Array.from(twins)))).toBeGreaterThan(0.98);
  }
}
