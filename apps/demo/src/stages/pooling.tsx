import type { Run } from '../state/derived';
import { handRegion } from '../state/handRegion';
import { bin, channel } from '../state/walk';
import { t } from '../i18n';
import type { DrawnBox } from '../ui/layers';
import { Slider } from '../ui/Slider';
import { gridsOf, pooled, type BinGrid } from './bins';
import { currentMap, heatLayer, mapBox } from './features';
import { boxOf, HEAT, type Stage } from './stage';

function gridsInHand(run: Run): BinGrid[] {
  const [map, at] = [currentMap.value, handRegion.value];
  return map && at !== undefined ? gridsOf(run, map, boxOf(run.snapshot.proposals, at)) : [];
}

function Panel({ run }: { run: Run }) {
  const map = currentMap.value!;
  const grids = gridsInHand(run);
  return (
    <>
      <Slider label={t('features.channel')} value={channel} min={0} max={map.channels - 1} step={1} />
      <p class="quiet">{t('pooling.hint')}</p>
      {grids.map((grid, i) => (
        <Grid key={i} values={pooled(map, channel.value, grid)} grid={grid} from={i * 1000} />
      ))}
      <p class="quiet">
        {t('pooling.size', {
          values:
            map.channels * grids.reduce((sum, { rows, columns }) => sum + rows.length * columns.length, 0),
        })}
      </p>
    </>
  );
}

/** What pooling leaves of one channel; pointing at a value shows where it comes from. */
function Grid({ values, grid, from }: { values: Float32Array; grid: BinGrid; from: number }) {
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
function binBoxes(run: Run): DrawnBox[] {
  const map = currentMap.value;
  if (!map) return [];
  const [x1, y1, x2, y2] = mapBox(run, map);
  const [cellX, cellY] = [(x2 - x1) / map.width, (y2 - y1) / map.height];
  return gridsInHand(run).flatMap(({ rows, columns }, level) =>
    rows.flatMap(([top, bottom], r) =>
      columns.flatMap(([left, right], c) => {
        const chosen = bin.value === level * 1000 + r * columns.length + c;
        if (level > 0 && !chosen) return [];
        const box = [x1 + left * cellX, y1 + top * cellY, x1 + right * cellX, y1 + bottom * cellY];
        return {
          box,
          color: '#ffffff',
          width: chosen ? 3 : 1,
          alpha: chosen ? 1 : 0.55,
          fill: chosen ? 0.25 : 0,
        };
      }),
    ),
  );
}

export const pooling: Stage = {
  id: 'pooling',
  title: 'pooling.title',
  text: 'pooling.text',
  formula: ['bin p:  ⌊ p·h / P ⌋ … ⌈ (p + 1)·h / P ⌉', 'y_{p} = max of the cells in bin p'],
  applies: (run) =>
    run.snapshot.maps.length === 1 && gridsOf(run, run.snapshot.maps[0]!, [0, 0, 9, 9]).length > 0,
  milliseconds: () => undefined,
  layers: (run) => {
    const at = handRegion.value;
    const { proposals } = run.snapshot;
    const region: DrawnBox[] =
      at === undefined ? [] : [{ box: boxOf(proposals, at), color: '#ff8a5b', width: 2, region: at }];
    return { picture: 0.5, raster: heatLayer(run), boxes: [...binBoxes(run), ...region] };
  },
  Panel,
};
