import { segmentation } from '../state/search';
import { scale, sigma } from '../state/walk';
import { t } from '../i18n';
import { Slider } from '../ui/Slider';
import type { Run } from '../state/derived';
import type { Stage } from './stage';

export const usesSelectiveSearch = ({ detector }: Run) => typeof detector.config.proposals === 'object';

function Panel() {
  const count = segmentation.value?.count;
  return (
    <>
      <Slider label={t('segments.scale')} value={scale} min={10} max={1000} step={10} />
      <Slider
        label={t('segments.sigma')}
        value={sigma}
        min={0}
        max={3}
        step={0.1}
        shows={(value) => `${value.toFixed(1)} px`}
      />
      <dl class="numbers">
        <div>
          <dt>{t('segments.count')}</dt>
          <dd data-segments={count}>{count ?? '…'}</dd>
        </div>
      </dl>
    </>
  );
}

export const segments: Stage = {
  id: 'segments',
  title: 'segments.title',
  text: 'segments.text',
  formula: ['w ≤ min( Int(C_{1}) + k/|C_{1}| , Int(C_{2}) + k/|C_{2}| )', 'w = ‖ I(p) − I(q) ‖'],
  applies: usesSelectiveSearch,
  milliseconds: () => segmentation.value?.milliseconds,
  layers: ({ size }) => {
    const pixels = segmentation.value?.pixels;
    const box = [0, 0, size.width, size.height] as const;
    return { raster: pixels && { pixels, box, alpha: 0.9, smooth: false }, boxes: [] };
  },
  Panel,
};
