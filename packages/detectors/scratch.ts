import { openDataset } from '@roikit/datasets/node';
import { selectiveSearch } from '@roikit/proposals';
import { boxIou } from '@roikit/geometry';
const ds = await openDataset('../shared/data/bccd', {
  format: 'voc',
  split: 'val',
  classes: ['RBC', 'WBC', 'Platelets'],
});
console.log(ds.length, ds.classes, (ds as any).problems);
const hit = [0, 0, 0],
  tot = [0, 0, 0],
  hit2 = [0, 0, 0];
let n = 0,
  ms = 0,
  n2 = 0;
for (let i = 0; i < ds.length; i += 3) {
  const s = await ds.get(i);
  const t = performance.now();
  const p = selectiveSearch(s.image, { mode: 'fast', minSize: 10 }).boxes;
  ms += performance.now() - t;
  n++;
  n2 += p.length / 4;
  const m = s.truth.labels.length;
  const iou = boxIou(p, s.truth.boxes);
  for (let j = 0; j < m; j++) {
    let b = 0,
      b2 = 0;
    for (let k = 0; k < p.length / 4; k++) {
      const v = iou[k * m + j];
      if (v > b) b = v;
      if (k < 2000 && v > b2) b2 = v;
    }
    const l = s.truth.labels[j] - 1;
    tot[l]++;
    if (b >= 0.5) hit[l]++;
    if (b2 >= 0.5) hit2[l]++;
  }
}
console.log(
  'ms/image',
  ms / n,
  'boxes',
  n2 / n,
  hit.map((h, i) => h / tot[i]),
  'at 2000',
  hit2.map((h, i) => h / tot[i]),
);
