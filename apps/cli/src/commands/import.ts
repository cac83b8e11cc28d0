import { torchvisionArchitectures } from '@roikit/detectors';
import { saveDetector } from '@roikit/detectors/node';
import { Command } from 'commander';
import { importDetector } from '../detector/importDetector';
import { startEngine } from '../engine/startEngine';
import { count } from '../format';
import { shared } from '../options';
import { announce, print } from '../terminal/print';

interface ImportOptions {
  architecture: string;
  classes?: string[];
  normEps?: number;
  engine: string;
  out: string;
}

export function importCommand(): Command {
  return new Command('import')
    .argument('<file>', 'its weights: .pth, safetensors, an address, or hf:owner/name[/file]')
    .addOption(shared.architecture(torchvisionArchitectures()).makeOptionMandatory())
    .addOption(shared.weightsClasses())
    .addOption(shared.normEps())
    .addOption(shared.engine())
    .requiredOption('--out <folder>', 'where to write the detector')
    .action(importAction);
}

async function importAction(file: string, options: ImportOptions): Promise<void> {
  const { out, architecture, engine } = options;
  await startEngine(engine);
  const detector = await importDetector(file, options);
  announce([['detector', `${architecture}, ${count(detector.config.classes.length, 'class')}`]]);
  await saveDetector(detector, out, { provenance: { file, architecture } });
  detector.dispose();
  print(`detector: ${out}`);
  print(`next:     npx roikit detect photo.jpg --model ${out}`);
}
