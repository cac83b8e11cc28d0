import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';

/** A list that grows on disk, however long it gets: what stands between the brackets of a JSON array. */
export class JsonListFile {
  readonly path: string;
  /** Items so far. */
  length = 0;
  private readonly file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.file = file;
  }

  static async create(path: string): Promise<JsonListFile> {
    return new JsonListFile(path, await open(path, 'w'));
  }

  async append(items: readonly object[]): Promise<void> {
    if (items.length === 0) return;
    const text = items.map((item) => JSON.stringify(item)).join(',');
    await this.file.appendFile(this.length === 0 ? text : `,${text}`);
    this.length += items.length;
  }

  /** The text, piece by piece. */
  read(): AsyncIterable<Buffer> {
    return createReadStream(this.path);
  }

  /** Closes the file and deletes it. */
  async remove(): Promise<void> {
    await this.file.close();
    await rm(this.path, { force: true });
  }
}
