import type { Run } from '../state/derived';
import { handRegion } from '../state/handRegion';
import { bin, channel } from '../state/walk';
import { t } from '../i18n';
import type { DrawnBox } from '../paint/layers';
import { Slider } from '../ui/Slider';
import { gridsOf, pooled, type PooledGrid } from './bins';
import { heatLayer, mapBox } from './features';
import { boxOf, HEAT, type Stage } from './stage';

function gridsInHand(run: Run): PooledGrid[] {
  const at = handRegion.value;
  return at === undefined ? [] : gridsOf(run, boxOf(run.snapshot.proposals, at));
}

function Panel({ run }: { run: Run }) {
  const grids = gridsInHand(run);
  const { channels, stride } = grids[0]?.map ?? run.snapshot.maps[0]!;
  const bins = grids.reduce((sum, { rows, columns }) => sum + rows.length * columns.length, 0);
  return (
    <>
      <Slider label={t('features.channel')} value={channel} min={0} max={channels - 1} step={1} />
      <p class="quiet">{t('pooling.hint')}</p>
      {run.snapshot.maps.length > 1 && <p class="quiet">{t('align.level', { stride })}</p>}
      {grids.map((grid, i) => (
        <Grid key={i} grid={grid} from={i * 1000} />
      ))}
      <p class="quiet">{t('pooling.size', { values: channels * bins })}</p>
    </>
  );
}

/** What pooling leaves of one channel; pointing at a value shows where it comes from. */
function Grid({ grid, from }: { grid: PooledGrid; from: number }) {
  const values = pooled(grid, channel.value);
  const most = values.reduce((a, b) => Math.max(a, b), 1e-6);
  const columns = grid.columns.length;
  return (
    <div class="grid" role="img" aria-label={t('pooling.grid')} style={{ '--columns': columns }}>
      {Array.from(values, (value, i) => {
        const shade = Math.min(255, Math.max(0, Math.round((255 * value) / most)));
        const [r, g, b] = HEAT.subarray(3 * shade, 3 * shade + 3);
        return (
          <span
            key={i}
            class={bin.value === from + i ? 'chosen' : ''}
            style={{ background: `rgb(${r} ${g} ${b})`, color: shade > 150 ? '#111' : '#fff' }}
            onClick={() => (bin.value = from + i)}
            onMouseEnter={() => (bin.value = from + i)}
            onMouseLeave={() => (bin.value = undefined)}
          >
            {columns <= 7 ? value.toFixed(1) : ''}
          </span>
        );
      })}
    </div>
  );
}

/** The bins over the picture: where the cells of each look. */
function binBoxes(run: Run, grids: readonly PooledGrid[]): DrawnBox[] {
  return grids.flatMap(({ map, rows, columns }, level) => {
    const [x1, y1, x2, y2] = mapBox(run, map);
    const [cellX, cellY] = [(x2 - x1) / map.width, (y2 - y1) / map.height];
    // Of a pyramid's grids the finest is drawn, and the bin in hand.
    const drawn = level === grids.length - 1;
    return rows.flatMap(([top, bottom], r) =>
      columns.flatMap(([left, right], c) => {
        const chosen = bin.value === level * 1000 + r * columns.length + c;
        if (!drawn && !chosen) return [];
        const box = [x1 + left * cellX, y1 + top * cellY, x1 + right * cellX, y1 + bottom * cellY];
        return {
          box,
          color: '#ffffff',
          width: chosen ? 3 : 1,
          alpha: chosen ? 1 : 0.55,
          fill: chosen ? 0.25 : 0,
        };
      }),
    );
  });
}

function layers(run: Run) {
  const at = handRegion.value;
  const grids = gridsInHand(run);
  const { proposals, maps } = run.snapshot;
  const region: DrawnBox[] =
    at === undefined ? [] : [{ box: boxOf(proposals, at), color: '#ff8a5b', width: 2, region: at }];
  const raster = heatLayer(run, grids[0]?.map ?? maps[0]!);
  return { picture: 0.6, raster, boxes: [...binBoxes(run, grids), ...region] };
}

const isPyramid = ({ detector }: Run) => detector.config['fpn'] != null;
const hasLevels = ({ detector }: Run) => 'levels' in (detector.config['regions'] as object);
const hasMaps = ({ snapshot }: Run) => snapshot.maps.length > 0;

const shared = {
  id: 'pooling',
  milliseconds: ({ snapshot }: Run) => snapshot.timings['regions'],
  layers,
  Panel,
} as const;

/** RoI max pooling: Fast R-CNN, and Faster R-CNN with one map. */
export const pooling: Stage = {
  ...shared,
  title: 'pooling.title',
  text: 'pooling.text',
  formula: ['bin p:  ⌊ p·h / P ⌋ … ⌈ (p + 1)·h / P ⌉', 'y_{p} = max of the cells in bin p'],
  applies: (run) => hasMaps(run) && !isPyramid(run) && !hasLevels(run),
};

/** A spatial pyramid: SPP-net. */
export const spatialPyramid: Stage = {
  ...shared,
  title: 'pyramid.title',
  text: 'pyramid.text',
  formula: ['cells ⌊x_{1}/s⌋ + 1 … ⌈x_{2}/s⌉ − 1', 'bin i of n:  ⌊(i − 1)·w / n⌋ … ⌈i·w / n⌉'],
  applies: (run) => hasMaps(run) && hasLevels(run),
};

/** RoIAlign over a feature pyramid: Faster R-CNN. */
export const align: Stage = {
  ...shared,
  title: 'align.title',
  text: 'align.text',
  formula: ['level k = ⌊ 4 + log_{2}( √(w·h) / 224 ) ⌋', 'y_{p} = mean of 2 × 2 bilinear samples in bin p'],
  applies: (run) => hasMaps(run) && isPyramid(run),
};
