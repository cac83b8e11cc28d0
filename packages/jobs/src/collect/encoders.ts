import { cocoLines, type CocoIds } from './cocoLines';
import type { Encoder } from './encoder';
import { parquetRows } from './parquetRows';

export type CollectFormat = 'jsonl' | 'coco' | 'parquet';

const ENCODERS: Record<CollectFormat, (ids?: CocoIds) => Encoder | Promise<Encoder>> = {
  jsonl: () => ({ of: (_records, data) => data }),
  coco: cocoLines,
  parquet: parquetRows,
};

export async function encoderOf(format: CollectFormat, ids?: CocoIds): Promise<Encoder> {
  return ENCODERS[format](ids);
}
