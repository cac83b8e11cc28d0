import { grouped, groupingPixels, hierarchy, mergesDone } from '../state/search';
import { mergeShare } from '../state/walk';
import { t } from '../i18n';
import { Slider } from '../ui/Slider';
import type { Run } from '../state/derived';
import { boxOf, type Stage } from './stage';
import { usesSelectiveSearch } from './segments';

function Panel() {
  const count = hierarchy.value?.count;
  return (
    <>
      <Slider
        label={t('grouping.merges')}
        value={mergeShare}
        min={0}
        max={1}
        step={0.005}
        shows={() => (count === undefined ? '…' : `${mergesDone.value} / ${count - 1}`)}
      />
      <dl class="numbers">
        <div>
          <dt>{t('grouping.left')}</dt>
          <dd data-regions={count && count - mergesDone.value}>
            {count === undefined ? '…' : count - mergesDone.value}
          </dd>
        </div>
        <div>
          <dt>{t('grouping.boxes')}</dt>
          <dd>{count === undefined ? '…' : count + mergesDone.value}</dd>
        </div>
      </dl>
    </>
  );
}

/** Boxes of the regions that are there now, larger than a speck. */
function regionBoxes({ size }: Run) {
  const [found, roots] = [hierarchy.value, grouped.value];
  if (!found || !roots) return [];
  const factor = size.width / found.size.width;
  const last = found.count + mergesDone.value - 1;
  return [...new Set(roots)].map((root) => ({
    box: boxOf(found.boxes, root).map((value) => value * factor),
    color: '#ffffff',
    width: root === last && mergesDone.value > 0 ? 3 : 1,
    alpha: root === last && mergesDone.value > 0 ? 1 : 0.35,
    text: root === last && mergesDone.value > 0 ? t('grouping.newest') : undefined,
  }));
}

export const grouping: Stage = {
  id: 'grouping',
  title: 'grouping.title',
  text: 'grouping.text',
  formula: [
    's = s_{colour} + s_{texture} + s_{size} + s_{fill}',
    's_{colour} = Σ_{k} min(c_{i}^{k}, c_{j}^{k})',
    's_{size} = 1 − (|r_{i}| + |r_{j}|) / |im|',
    's_{fill} = 1 − (|BB_{ij}| − |r_{i}| − |r_{j}|) / |im|',
  ],
  applies: usesSelectiveSearch,
  milliseconds: () => hierarchy.value?.milliseconds,
  layers: (run) => {
    const pixels = groupingPixels.value;
    const box = [0, 0, run.size.width, run.size.height] as const;
    return {
      picture: 0.8,
      raster: pixels && { pixels, box, alpha: 1, smooth: false },
      boxes: regionBoxes(run),
    };
  },
  Panel,
};
