import type { SchemaElement } from 'hyparquet-writer';
import type { Encoder } from './encoder';
import type { PartRecord } from './readRecords';

/** Records and detections of a row group: some 40 MB while they wait, and 5,000 groups for 10⁸ pictures. */
const GROUP = 1 << 17;

const required = { repetition_type: 'REQUIRED' } as const;
const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const DETECTION = ['class', 'label', 'score', 'x1', 'y1', 'x2', 'y2'] as const;
const COLUMNS = ['picture', 'image', 'frame', 'width', 'height', 'error', 'detections'] as const;

/** A list, as Parquet's own LogicalTypes.md lays it out. */
const SCHEMA: SchemaElement[] = [
  { name: 'results', num_children: COLUMNS.length },
  { name: 'picture', type: 'INT32', ...required },
  { name: 'image', ...text, ...required },
  { name: 'frame', type: 'INT32', repetition_type: 'OPTIONAL' },
  { name: 'width', type: 'INT32', repetition_type: 'OPTIONAL' },
  { name: 'height', type: 'INT32', repetition_type: 'OPTIONAL' },
  { name: 'error', ...text, repetition_type: 'OPTIONAL' },
  { name: 'detections', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', ...required, num_children: DETECTION.length },
  { name: 'class', ...text, ...required },
  { name: 'label', type: 'INT32', ...required },
  ...(['score', 'x1', 'y1', 'x2', 'y2'] as const).map((name) => ({
    name,
    type: 'FLOAT' as const,
    ...required,
  })),
];

/** Parquet, a row a record as in the JSONL; numbers of 32 bits, as detectors compute. */
export async function parquetRows(): Promise<Encoder> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer'); // only when it is called for
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({ writer: bytes, schema: SCHEMA, createdBy: 'roikit' });
  let rows: ReturnType<typeof toRow>[] = [];
  let size = 0;
  const taken = (): Uint8Array => {
    const piece = bytes.getBytes().slice();
    bytes.index = 0; // its `offset` still counts from the file's start
    return piece;
  };
  const writeGroup = (): void => {
    const columnData = COLUMNS.map((name) => ({
      name,
      data: rows.map((row) => row[name]),
      offsetIndex: false,
    }));
    void parquet.write({ columnData, rowGroupSize: rows.length }); // into memory, so at once
    [rows, size] = [[], 0];
  };
  return {
    of: (records) => {
      for (const record of records) {
        rows.push(toRow(record));
        size += 1 + ('error' in record ? 0 : record.detections.length);
        if (size >= GROUP) writeGroup();
      }
      return taken();
    },
    end: () => {
      if (rows.length > 0) writeGroup();
      void parquet.finish();
      return taken();
    },
  };
}

function toRow(record: PartRecord) {
  const { picture, image, frame } = record;
  if ('error' in record) return { picture, image, frame, error: record.error };
  const detections = record.detections.map(({ class: name, label, score, box: [x1, y1, x2, y2] }) => ({
    class: name,
    label,
    score,
    x1,
    y1,
    x2,
    y2,
  }));
  return { picture, image, frame, width: record.width, height: record.height, error: undefined, detections };
}
