/** A detector that others publish weights of. */
export interface Architecture {
  /** What `createDetector` takes for it, but for the classes. */
  options: object;
  /** The detector's own name of a weight → that of its state dict. */
  keyOf(name: string): string;
  /** A key as older files have it → as it is today. */
  modernized(key: string): string;
  /** Key of a tensor with one value for each class and the background. */
  classCount: string;
}
