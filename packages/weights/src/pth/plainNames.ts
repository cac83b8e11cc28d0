/** Attributes that a LightningModule usually holds its network in. */
const lightningParts = ['model.', 'net.', 'network.', 'module.'];

/** Counters that an averaged model has beside the network. */
const counters = new Set(['n_averaged']);

function stripped(names: string[], prefix: string): string[] | undefined {
  const wrapped = names.length > 0 && names.every((name) => name.startsWith(prefix));
  return wrapped ? names.map((name) => name.slice(prefix.length)) : undefined;
}

/**
 * The network's own names, without what wraps it puts before them: `_orig_mod.` of `torch.compile` anywhere, `module.` of
 * DataParallel and AveragedModel, and of a Lightning file the attribute, where every name has it.
 *
 * @returns by the names in the file; a counter of an averaged model is not among them.
 */
export function plainNames(names: string[], isLightning: boolean): Map<string, string> {
  const isAveraged =
    names.includes('n_averaged') && names.every((name) => counters.has(name) || name.startsWith('module.'));
  const given = isAveraged ? names.filter((name) => !counters.has(name)) : names;
  let plain = given.map((name) => name.replaceAll(/(^|\.)(_orig_mod\.)+/g, '$1'));
  for (let next = stripped(plain, 'module.'); next; next = stripped(plain, 'module.')) plain = next;
  if (isLightning) {
    for (const part of lightningParts) plain = stripped(plain, part) ?? plain;
  }
  if (new Set(plain).size < plain.length)
    throw new RangeError('two of its tensors have one name without _orig_mod.');
  return new Map(given.map((name, i) => [name, plain[i]!]));
}
