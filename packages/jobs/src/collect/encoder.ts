import type { PartRecord } from './readRecords';

/** Makes a file of records, piece by piece. */
export interface Encoder {
  start?: string;
  /** Of a part; `data` is its text. May keep some back. */
  of(records: readonly PartRecord[], data: Uint8Array): string | Uint8Array;
  end?(): string | Uint8Array;
}
