import { prefixed, withPrefix } from '@roikit/training';
import type { StateDict } from '@roikit/weights';
import type { Part } from './parts';

/** Several parts as one, each under its own name: `backbone.features.0.weight`. */
export function combinedPart(parts: Record<string, Part>): Part {
  const entries = Object.entries(parts);
  return {
    stateDict: async () => {
      const state: StateDict = new Map();
      for (const [name, part] of entries) {
        for (const [key, tensor] of prefixed(`${name}.`, await part.stateDict())) state.set(key, tensor);
      }
      return state;
    },
    load: (state) => {
      refuseUnknown(state, Object.keys(parts));
      for (const [name, part] of entries) part.load(withPrefix(state, `${name}.`));
    },
    variables: () =>
      new Map(
        entries.flatMap(([name, part]) =>
          [...part.variables()].map(([key, variable]) => [`${name}.${key}`, variable] as const),
        ),
      ),
    dispose: () => {
      for (const [, part] of entries) part.dispose();
    },
  };
}

function refuseUnknown(state: StateDict, names: readonly string[]): void {
  const unexpected = [...state.keys()].filter((key) => !names.some((name) => key.startsWith(`${name}.`)));
  if (unexpected.length > 0) {
    const shown = unexpected.slice(0, 10).join(', ') + (unexpected.length > 10 ? ', …' : '');
    throw new RangeError(
      `loadDetector: the weights hold what no part of the detector has (${unexpected.length}: ${shown}); ` +
        `its parts are ${names.join(', ')}`,
    );
  }
}
