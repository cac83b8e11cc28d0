import { computed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { run as currentRun, type Run } from '../state/derived';
import { channel, mapIndex, region } from '../state/walk';
import { t } from '../i18n';
import type { Raster } from '../paint/layers';
import type { Pixels } from '../paint/pixels';
import { Painted } from '../ui/Painted';
import { Slider } from '../ui/Slider';
import type { MapData } from '../worker/protocol';
import { boxOf, HEAT, type Stage } from './stage';

const currentMap = computed<MapData | undefined>(() => currentRun.value?.snapshot.maps[mapIndex.value]);

/** One channel as heat; the largest value of the channel is the lightest. */
function channelPixels({ width, height, channels, values, peaks }: MapData, index: number): Pixels {
  const data = new Uint8ClampedArray(3 * width * height);
  const scale = 255 / (peaks[index] || 1);
  for (let i = 0; i < width * height; i++) {
    const at = 3 * Math.min(255, Math.max(0, Math.round(scale * values[i * channels + index]!)));
    data[3 * i] = HEAT[at]!;
    data[3 * i + 1] = HEAT[at + 1]!;
    data[3 * i + 2] = HEAT[at + 2]!;
  }
  return { data, width, height };
}

/** What part of the picture the map's cells look at, in its pixels. */
export function mapBox({ snapshot: { inputSize }, size }: Run, map: MapData): Raster['box'] {
  const [sx, sy] = [size.width / inputSize.width, size.height / inputSize.height];
  const start = map.center - map.stride / 2;
  return [
    start * sx,
    start * sy,
    (start + map.width * map.stride) * sx,
    (start + map.height * map.stride) * sy,
  ];
}

/** The current channel of a map over the picture. */
export function heatLayer(run: Run, map: MapData, alpha = 0.72): Raster {
  const index = Math.min(channel.value, map.channels - 1);
  return { pixels: channelPixels(map, index), box: mapBox(run, map), alpha, smooth: false };
}

const THUMBNAILS = 12;

function Panel({ run }: { run: Run }) {
  const map = currentMap.value!;
  const { maps } = run.snapshot;
  const strongest = Array.from(map.peaks.keys())
    .sort((a, b) => map.peaks[b]! - map.peaks[a]!)
    .slice(0, THUMBNAILS);
  return (
    <>
      <p class="quiet">
        {t('features.size', {
          width: map.width,
          height: map.height,
          channels: map.channels,
          stride: map.stride,
        })}
      </p>
      {maps.length > 1 && (
        <Slider label={t('features.level')} value={mapIndex} min={0} max={maps.length - 1} step={1} />
      )}
      <Slider label={t('features.channel')} value={channel} min={0} max={map.channels - 1} step={1} />
      <h3>{t('features.strongest')}</h3>
      <div class="thumbnails">
        {strongest.map((c) => (
          <Thumbnail key={c} map={map} index={c} />
        ))}
      </div>
    </>
  );
}

function Thumbnail({ map, index }: { map: MapData; index: number }) {
  const picture = useMemo(() => channelPixels(map, index), [map, index]);
  return (
    <button
      aria-label={`${t('features.channel')} ${index}`}
      aria-pressed={channel.value === index}
      onClick={() => (channel.value = index)}
    >
      <Painted picture={picture} />
    </button>
  );
}

export const features: Stage = {
  id: 'features',
  title: 'features.title',
  text: 'features.text',
  formula: ['x_{i} = s · i + c'],
  applies: ({ snapshot }) => snapshot.maps.length > 0,
  milliseconds: ({ snapshot: { timings } }) => (timings['transform'] ?? 0) + (timings['backbone'] ?? 0),
  layers: (run) => {
    const at = region.value;
    const boxes =
      at === undefined ? [] : [{ box: boxOf(run.snapshot.proposals, at), color: '#ffffff', region: at }];
    return { picture: 0.6, raster: currentMap.value && heatLayer(run, currentMap.value), boxes };
  },
  Panel,
};
