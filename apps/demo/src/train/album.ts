import { signal } from '@preact/signals';
import { api, busy, guarded } from '../state/actions';
import type { Shown } from '../state/session';

// Pictures of one's own, and the boxes that were marked on them.

export interface Mark {
  /** x1 y1 x2 y2, in pixels of the picture. */
  box: [number, number, number, number];
  /** 1…K */
  label: number;
}

export interface Page {
  shown: Shown;
  marks: readonly Mark[];
}

export const classes = signal<readonly string[]>(['object']);
/** The class that a new box gets. */
export const pen = signal(1);
export const album = signal<readonly Page[]>([]);
/** Number of the picture that is open, and of the mark that is chosen on it. */
export const open = signal(0);
export const chosen = signal<number | undefined>(undefined);

/** Smaller boxes are slips of the hand, in pixels of the picture. */
const SMALLEST = 4;

export function addPictures(files: readonly File[]): Promise<void> {
  return guarded(async () => {
    busy('read');
    for (const file of files)
      addShown({ name: file.name || 'pasted', image: await api.decode(file, file.name) });
  });
}

export function addShown(shown: Shown, marks: readonly Mark[] = []): void {
  album.value = [...album.value, { shown, marks }];
  open.value = album.value.length - 1;
  chosen.value = undefined;
}

export function removePicture(): void {
  album.value = album.value.filter((_, i) => i !== open.value);
  open.value = Math.max(0, Math.min(open.value, album.value.length - 1));
  chosen.value = undefined;
}

function setMarks(marks: readonly Mark[]): void {
  album.value = album.value.map((page, i) => (i === open.value ? { ...page, marks } : page));
}

const marksHere = () => album.value[open.value]?.marks ?? [];

/** Adds a box of the pen's class, unless it is but a click. */
export function mark(box: Mark['box']): void {
  const page = album.value[open.value];
  if (!page) return;
  const inside = within(box, page.shown.image);
  if (inside[2] - inside[0] < SMALLEST || inside[3] - inside[1] < SMALLEST) return;
  setMarks([...page.marks, { box: inside, label: pen.value }]);
  chosen.value = page.marks.length;
}

export function changeMark(index: number, change: Partial<Mark>): void {
  const page = album.value[open.value];
  if (!page) return;
  const changed = change.box ? { ...change, box: within(change.box, page.shown.image) } : change;
  setMarks(page.marks.map((own, i) => (i === index ? { ...own, ...changed } : own)));
}

export function removeMark(index: number): void {
  setMarks(marksHere().filter((_, i) => i !== index));
  chosen.value = undefined;
}

export function addClass(name: string): void {
  if (name === '' || classes.value.includes(name)) return;
  classes.value = [...classes.value, name];
  pen.value = classes.value.length;
}

export function renameClass(label: number, name: string): void {
  if (name === '' || classes.value.includes(name)) return;
  classes.value = classes.value.map((own, i) => (i === label - 1 ? name : own));
}

/** Corners in order, and inside the picture. */
function within(
  [x1, y1, x2, y2]: Mark['box'],
  { width, height }: { width: number; height: number },
): Mark['box'] {
  const clamp = (value: number, most: number) => Math.min(Math.max(value, 0), most);
  const [left, right] = [clamp(Math.min(x1, x2), width), clamp(Math.max(x1, x2), width)];
  const [top, bottom] = [clamp(Math.min(y1, y2), height), clamp(Math.max(y1, y2), height)];
  return [left, top, right, bottom];
}
