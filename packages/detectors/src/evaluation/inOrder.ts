/**
 * The results of `work` on every item, in the order of the items. Up to `atOnce` items are in hand at a time; with 1
 * nothing is begun before the caller asks for it.
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  { atOnce }: { atOnce: number },
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(() => {}); // reported when its turn comes
    begun.push(result);
    if (begun.length >= atOnce) yield await begun.shift()!;
  }
  while (begun.length > 0) yield await begun.shift()!;
}
