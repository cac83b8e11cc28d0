import { backboneNamed } from './backbone/backbones';
import type { BackboneConfig, BackboneOptions, ProposalsConfig } from './config';
import { DEFAULTS } from './configSchemas';

// What the kinds fill in alike.

/** What a caller says of the backbone, as an object, and its entry of the table. */
export function chosenBackbone(given: BackboneOptions): {
  backbone: Partial<BackboneConfig> & { name: string };
  entry: ReturnType<typeof backboneNamed>;
} {
  const backbone = typeof given === 'string' ? { name: given } : given;
  return { backbone, entry: backboneNamed(backbone.name) };
}

/** The layer of a kind that takes a single map. */
export function singleLayer(layers: readonly string[]): [string] {
  const [layer, ...others] = layers;
  if (layer !== undefined && others.length === 0) return [layer];
  throw new RangeError(`createDetector: backbone.layers must be one, got ${layers.join(', ')}`);
}

/** The default search with what differs from it, or none where boxes are brought. */
export function resolveProposals(
  given?: 'precomputed' | Partial<ProposalsConfig>,
): 'precomputed' | ProposalsConfig {
  return given === 'precomputed' ? given : { ...DEFAULTS.proposals, ...given };
}
