import { assertFinite, type StateDict } from '@roikit/weights';
import { readStateDict } from '@roikit/weights/node';
import { existsSync } from 'node:fs';
import { localFile, type LocalFileOptions } from '../download/localFile';
import { errorLine, UserError } from '../errors';

/** Reads weights from a file or the hub; UserError that names them where that fails. */
export async function readWeights(name: string, options: LocalFileOptions = {}): Promise<StateDict> {
  const path = await localFile(name, options);
  const weights = await readStateDict(path).catch((cause: unknown) => {
    if (!existsSync(path)) throw new UserError(`${path}: there is no such file; check the path`, { cause });
    const why = errorLine(cause);
    throw new UserError(why.includes(path) ? why : `${path}: the weights can't be read (${why})`, { cause });
  });
  assertFinite(weights, path);
  return weights;
}
