import { computed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { run as currentRun, type Run } from '../state/derived';
import { channel, mapIndex, region } from '../state/walk';
import { t } from '../i18n';
import { Slider } from '../ui/Slider';
import type { Raster } from '../ui/layers';
import type { MapData } from '../worker/protocol';
import { boxOf, HEAT, type Stage } from './stage';

const currentMap = computed<MapData | undefined>(() => currentRun.value?.snapshot.maps[mapIndex.value]);

const peaksOf = new WeakMap<MapData, Float32Array>();

/** Largest value of each channel, found once for a map. */
function peaks(map: MapData): Float32Array {
  const known = peaksOf.get(map);
  if (known) return known;
  const most = new Float32Array(map.channels);
  map.values.forEach((value, i) => {
    const c = i % map.channels;
    if (value > most[c]!) most[c] = value;
  });
  peaksOf.set(map, most);
  return most;
}

/** One channel as heat. */
function channelCanvas(map: MapData, index: number, peak: number): OffscreenCanvas {
  const { width, height, channels, values } = map;
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const value = Math.min(255, Math.max(0, Math.round((255 * values[i * channels + index]!) / (peak || 1))));
    pixels.data.set(HEAT.subarray(3 * value, 3 * value + 3), 4 * i);
    pixels.data[4 * i + 3] = 255;
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas;
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
  const canvas = channelCanvas(map, index, peaks(map)[index]!);
  return { canvas, box: mapBox(run, map), alpha, smooth: false };
}

const THUMBNAILS = 12;

function Panel({ run }: { run: Run }) {
  const map = currentMap.value!;
  const { maps } = run.snapshot;
  const strongest = Array.from(peaks(map).keys())
    .sort((a, b) => peaks(map)[b]! - peaks(map)[a]!)
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
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.imageSmoothingEnabled = false;
    context.drawImage(channelCanvas(map, index, peaks(map)[index]!), 0, 0);
  }, [map, index]);
  return (
    <button
      aria-label={`${t('features.channel')} ${index}`}
      aria-pressed={channel.value === index}
      onClick={() => (channel.value = index)}
    >
      <canvas ref={canvas} width={map.width} height={map.height} />
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
