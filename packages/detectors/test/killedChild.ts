// A training run in a process of its own, for killed.test.ts: kind, checkpoint and result are its arguments. It says every
// event's phase, and where nobody kills it writes its weights.
import { mulberry32 } from '@roikit/geometry';
import { atomicWrite, checkpointFile } from '@roikit/training/node';
import { writeSafetensors } from '@roikit/weights';
import { train } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { PHASED } from './phaseDetectors';
import { squares } from './scenes';

const [kind, checkpoint, result] = process.argv.slice(2) as [string, string, string];
await useTestEngine();
const { make, options } = PHASED[kind]!;
const detector = make();
const run = { ...options, random: mulberry32(2), checkpoint: checkpointFile(checkpoint) };
for await (const event of train(detector, squares({ count: 6 }), run)) {
  if ('phase' in event) process.stdout.write(`${event.phase}\n`);
}
await atomicWrite(result, writeSafetensors(await detector.stateDict()));
