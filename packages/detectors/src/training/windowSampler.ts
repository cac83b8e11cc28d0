import { gatherBoxes, type Boxes, type GroundTruth } from '@roikit/geometry';
import { labelRegions, type LabelRegionsOptions } from '@roikit/heads';
import type { SampleTable } from './sampleTable';

/** A region of a picture, by the picture's index in the data set. */
export interface Window {
  index: number;
  /** `[1, 4]`, pixels of the picture. */
  box: Boxes;
  /** 0 for background. */
  label: number;
}

export interface WindowSamplerOptions extends LabelRegionsOptions {
  /** Whether foreground is drawn evenly from the classes, or from all of it alike. @default true */
  uniformClasses?: boolean;
}

/** Which region of which picture: positions in the table's list, and in the picture's. */
interface Place {
  picture: number;
  region: number;
}

/**
 * Draws windows from all regions of a data set (R-CNN §2.3: 32 of objects "over all classes" and 96 of background; the authors'
 * window files list every proposal and every object). Holds which regions may be drawn: 4 bytes each, beside the 16 of their boxes.
 */
export class WindowSampler {
  private readonly table: Table;
  private readonly uniform: boolean;
  /** By class, 1 … K, of those that are shown at all. */
  private readonly classes: { label: number; places: Place[] }[];
  private readonly background: Int32Array[] = [];
  /** Background regions of the pictures before each, and of all at the end. */
  private readonly starts = [0];

  constructor(table: Table, { uniformClasses = true, ...options }: WindowSamplerOptions = {}) {
    this.table = table;
    this.uniform = uniformClasses;
    const classes = new Map<number, Place[]>();
    for (const [picture, index] of table.indices.entries()) {
      const { labels } = labelRegions(proposalsOf(table, index), truthOf(table, index), options);
      labels.forEach((label, region) => {
        if (label <= 0) return;
        if (!classes.has(label)) classes.set(label, []);
        classes.get(label)!.push({ picture, region });
      });
      const own = Int32Array.from([...labels.keys()].filter((region) => labels[region] === 0));
      this.background.push(own);
      this.starts.push(this.starts.at(-1)! + own.length);
    }
    this.classes = [...classes]
      .map(([label, places]) => ({ label, places }))
      .sort((a, b) => a.label - b.label);
  }

  /**
   * Windows, with replacement: of a data set's hundreds of thousands the same one is hardly ever drawn twice.
   *
   * @param options `positiveFraction`: part of foreground @default 0.25
   */
  draw(
    { count, positiveFraction = 0.25 }: { count: number; positiveFraction?: number },
    random: () => number,
  ): Window[] {
    const windows: Window[] = [];
    const positives = this.classes.length > 0 ? Math.floor(count * positiveFraction) : 0;
    const below = (limit: number) => Math.floor(random() * limit);
    const first = below(this.classes.length);
    for (let i = 0; i < positives; i++) {
      const { label, places } =
        this.classes[this.uniform ? (first + i) % this.classes.length : this.classAt(random())]!;
      windows.push({ ...this.at(places[below(places.length)]!), label });
    }
    const all = this.starts.at(-1)!;
    while (all > 0 && windows.length < count)
      windows.push({ ...this.at(this.backgroundAt(below(all))), label: 0 });
    return windows;
  }

  /** The class in which the given part of all foreground ends. */
  private classAt(part: number): number {
    let left = part * this.classes.reduce((sum, { places }) => sum + places.length, 0);
    return this.classes.findIndex(({ places }) => (left -= places.length) < 0);
  }

  /** The nth background region of the data set. */
  private backgroundAt(n: number): Place {
    let [low, high] = [0, this.background.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle + 1]! > n) high = middle;
      else low = middle + 1;
    }
    return { picture: low, region: this.background[low]![n - this.starts[low]!]! };
  }

  private at({ picture, region }: Place): Omit<Window, 'label'> {
    const index = this.table.indices[picture]!;
    const proposals = proposalsOf(this.table, index);
    const count = proposals.length / 4;
    if (region < count) return { index, box: gatherBoxes(proposals, [region]) };
    const { objects } = labelRegions(proposals.subarray(0, 0), truthOf(this.table, index));
    return { index, box: gatherBoxes(objects, [region - count]) };
  }
}

type Table = Pick<SampleTable, 'indices' | 'proposals' | 'truths'>;

const proposalsOf = ({ proposals }: Table, index: number): Boxes => proposals.get(index) as Boxes;
const truthOf = ({ truths }: Table, index: number): GroundTruth => truths.get(index) as GroundTruth;
