import { distinctColor } from '@roikit/draw';
import { AnchorGenerator } from '@roikit/geometry';
import type { Run } from '../state/derived';
import { handRegion } from '../state/handRegion';
import { mapIndex } from '../state/walk';
import { t } from '../i18n';
import type { DrawnBox } from '../paint/layers';
import { Slider } from '../ui/Slider';
import { boxOf, type Stage } from './stage';

interface RpnConfig {
  anchors: { sizes: number[][]; aspectRatios: number[] };
  nmsThreshold: number;
}

const rpnOf = ({ detector }: Run) => detector.config['rpn'] as RpnConfig;

/** The anchors of one cell of the current map, the one nearest to the region in hand, in pixels of the picture. */
function anchorsHere(run: Run): number[][] {
  const { inputSize, maps, proposals } = run.snapshot;
  const map = maps[Math.min(mapIndex.value, maps.length - 1)]!;
  const { sizes, aspectRatios } = rpnOf(run).anchors;
  const generator = new AnchorGenerator({ sizes: [sizes[maps.indexOf(map)]!], aspectRatios });
  const { boxes } = generator.generate({ width: map.stride, height: map.stride }, [{ width: 1, height: 1 }]);
  const [sx, sy] = [run.size.width / inputSize.width, run.size.height / inputSize.height];
  const [x1, y1, x2, y2] = handRegion.value === undefined ? [0, 0, 0, 0] : boxOf(proposals, handRegion.value);
  const cell = (at: number, limit: number) =>
    map.center + map.stride * Math.min(Math.max(Math.round((at - map.center) / map.stride), 0), limit - 1);
  const [x, y] = [cell((x1 + x2) / 2 / sx, map.width), cell((y1 + y2) / 2 / sy, map.height)];
  return Array.from({ length: boxes.length / 4 }, (_, i) => {
    const [left, top, right, bottom] = boxOf(boxes, i);
    return [(x + left) * sx, (y + top) * sy, (x + right) * sx, (y + bottom) * sy];
  });
}

function Panel({ run }: { run: Run }) {
  const { maps } = run.snapshot;
  const { sizes, aspectRatios } = rpnOf(run).anchors;
  const count = maps.reduce(
    (sum, { width, height }, i) => sum + width * height * sizes[i]!.length * aspectRatios.length,
    0,
  );
  return (
    <>
      {maps.length > 1 && (
        <Slider label={t('features.level')} value={mapIndex} min={0} max={maps.length - 1} step={1} />
      )}
      <dl class="numbers">
        <div>
          <dt>{t('anchors.all')}</dt>
          <dd>{count}</dd>
        </div>
        <div>
          <dt>{t('anchors.cell')}</dt>
          <dd>{(sizes[mapIndex.value] ?? sizes[0]!).length * aspectRatios.length}</dd>
        </div>
        <div>
          <dt>{t('anchors.left')}</dt>
          <dd>{run.snapshot.proposals.length / 4}</dd>
        </div>
      </dl>
    </>
  );
}

/** Best proposals painted faintly, to point at. */
const PAINTED = 60;

export const anchors: Stage = {
  id: 'anchors',
  title: 'anchors.title',
  text: 'anchors.text',
  formula: [
    'p = σ(z),  b = anchor moved by t',
    'L = 1/N_{cls} Σ_{i} L_{cls}(p_{i}, p_{i}^{*}) + λ 1/N_{reg} Σ_{i} p_{i}^{*} L_{reg}(t_{i}, t_{i}^{*})',
  ],
  applies: ({ detector, snapshot }) => detector.config['rpn'] != null && snapshot.maps.length > 0,
  milliseconds: () => undefined,
  layers: (run) => {
    const { proposals } = run.snapshot;
    const some: DrawnBox[] = Array.from({ length: Math.min(PAINTED, proposals.length / 4) }, (_, i) => ({
      box: boxOf(proposals, i),
      color: '#ffffff',
      width: 1,
      alpha: 0.25,
      region: i,
    }));
    const own = anchorsHere(run).map((box, i) => ({ box, color: distinctColor(i), width: 2 }));
    return { picture: 0.7, boxes: [...some, ...own] };
  },
  Panel,
};
