import { warpCrop } from '@roikit/image';
import { useMemo } from 'preact/hooks';
import type { Run } from '../state/derived';
import { handRegion } from '../state/handRegion';
import { shown } from '../state/session';
import { t } from '../i18n';
import { Painted } from '../ui/Painted';
import { boxOf, type Stage } from './stage';

interface CropConfig {
  size: number;
  mode: 'warp' | 'square';
  context: number;
}

const configOf = ({ detector }: Run) => detector.config['regions'] as unknown as CropConfig;

/** What the network sees of one region, as R-CNN crops it. */
function cropOf(run: Run, index: number) {
  const { size, mode, context } = configOf(run);
  const mean = (run.detector.config.transform as { mean: number[] }).mean.map((value) => 255 * value);
  const fill = mean as [number, number, number];
  const box = Float32Array.from(boxOf(run.snapshot.proposals, index));
  const data = Uint8ClampedArray.from(warpCrop(shown.value!.image, box, { size, mode, context, fill }));
  return { data, width: size, height: size };
}

function Panel({ run }: { run: Run }) {
  const at = handRegion.value;
  const { size } = configOf(run);
  const picture = useMemo(() => (at === undefined ? undefined : cropOf(run, at)), [run, at]);
  return (
    <>
      <Painted picture={picture} class="crop" label={t('crop.canvas')} />
      <p class="quiet">{t('crop.times', { count: run.snapshot.proposals.length / 4, size })}</p>
    </>
  );
}

/** The region with its surroundings: what is stretched over the network's input. */
function widened(run: Run, index: number): number[] {
  const { size, mode, context } = configOf(run);
  const [x1, y1, x2, y2] = boxOf(run.snapshot.proposals, index);
  const factor = size / (size - 2 * context) / 2;
  const longer = Math.max(x2 - x1, y2 - y1);
  const [w, h] = mode === 'square' ? [longer, longer] : [x2 - x1, y2 - y1];
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [x - factor * w, y - factor * h, x + factor * w, y + factor * h];
}

/** R-CNN's slot 2. */
export const crop: Stage = {
  id: 'pooling',
  title: 'crop.title',
  text: 'crop.text',
  formula: ['widened by S / (S − 2c),  1.164 where S = 227, c = 16'],
  applies: ({ detector }) => 'size' in (detector.config['regions'] as object),
  milliseconds: ({ snapshot }) => snapshot.timings['regions'],
  layers: (run) => {
    const at = handRegion.value;
    if (at === undefined) return { boxes: [] };
    return {
      picture: 0.7,
      boxes: [
        { box: widened(run, at), color: '#ffffff', dashed: true },
        { box: boxOf(run.snapshot.proposals, at), color: '#ff8a5b', region: at },
      ],
    };
  },
  Panel,
};
