/** Whether a value is a class's number; one beyond what anyone has would make a list of empty places. */
export function isClassIndex(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 1e5;
}
