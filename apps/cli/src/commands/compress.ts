import { saveDetector } from '@roikit/detectors/node';
import { Command, InvalidArgumentError } from 'commander';
import { compressDetector } from '../detector/compressDetector';
import { findDetector } from '../detector/findDetector';
import { openDetector } from '../detector/openDetector';
import { startEngine } from '../engine/startEngine';
import { names, shared } from '../options';
import { print } from '../terminal/print';
import { table } from '../terminal/table';

interface CompressOptions {
  ranks?: Record<string, number>;
  engine: string;
  out: string;
}

export function compressCommand(): Command {
  return new Command('compress')
    .argument('<detector>', "a detector's folder, a training run's, or digits (digits-faster-rcnn …)")
    .option(
      '--ranks <layer=n,...>',
      'singular values to keep, as fc6=64; default: a quarter of those of each layer',
      ranks,
    )
    .addOption(shared.engine())
    .requiredOption('--out <folder>', 'where to write the smaller detector')
    .action(compressAction);
}

function ranks(text: string): Record<string, number> {
  const pairs = names(text).map((pair) => {
    const [, layer, rank] = /^([\w.]+)=(\d+)$/.exec(pair) ?? [];
    if (layer === undefined) throw new InvalidArgumentError('It must be like fc6=64,fc7=32.');
    return [layer, Number(rank)] as const;
  });
  return Object.fromEntries(pairs);
}

async function compressAction(model: string, { ranks: given, engine, out }: CompressOptions): Promise<void> {
  const folder = findDetector(model);
  await startEngine(engine);
  const whole = await openDetector(folder);
  const { detector, layers } = await compressDetector(whole, given);
  await saveDetector(detector, out, { provenance: { compressed: folder, layers } });
  for (const one of [whole, detector]) one.dispose();
  const numbers = ['rank', 'weights before', 'after', 'error'];
  const rows = layers.map(({ name, rank, before, after, error }) => [
    name,
    ...[rank, before, after].map((value) => value.toLocaleString('en')),
    `${(100 * error).toFixed(1)} %`,
  ]);
  print(table([{ title: 'layer' }, ...numbers.map((title) => ({ title, align: 'right' as const }))], rows));
  print(`\ndetector: ${out}`);
  print(`next:     npx roikit evaluate ${out} --data …`);
}
