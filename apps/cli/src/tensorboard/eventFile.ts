import { closeSync, mkdirSync, openSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { appendNaming } from '../errors';
import { maskedCrc32c } from './crc32c';
import { encodeEvent, type BoardEvent } from './encodeEvent';

/** A file that TensorBoard reads while it grows. */
export class EventFile {
  readonly path: string;

  /** Begins a new file in `folder`, which other runs may have written to: TensorBoard takes them in order of their names. */
  constructor(folder: string, now = Date.now()) {
    mkdirSync(folder, { recursive: true });
    this.path = newFile(folder, Math.floor(now / 1000));
    this.append({ wallTime: now / 1000, fileVersion: 'brain.Event:2' });
  }

  append(event: BoardEvent): void {
    appendNaming(this.path, toRecord(encodeEvent(event)));
  }
}

/** Named as tensorflow names them: seconds, host, process, number. */
function newFile(folder: string, seconds: number): string {
  const host = hostname().replace(/[^\w.-]/g, '_');
  for (let number = 0; ; number++) {
    const name = `events.out.tfevents.${String(seconds).padStart(10, '0')}.${host}.${process.pid}.${number}`;
    try {
      closeSync(openSync(join(folder, name), 'wx'));
      return join(folder, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** TFRecord: length, its checksum, the bytes, theirs (tensorflow, record_writer.h). */
export function toRecord(content: Uint8Array): Buffer {
  const record = Buffer.alloc(content.length + 16);
  record.writeBigUInt64LE(BigInt(content.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(content, 12);
  record.writeUInt32LE(maskedCrc32c(content), 12 + content.length);
  return record;
}
