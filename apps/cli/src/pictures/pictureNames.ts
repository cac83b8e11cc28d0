import { parse } from 'node:path';
import { isAddress } from '../download/address';
import { STDIN, type SourcePicture } from './readSource';

/**
 * Names what is written after a picture: its name (and the number of its frame), with -2, -3 … where pictures from different
 * folders have one.
 *
 * @param names taken already
 */
export function pictureNames(names: Iterable<string> = []): (picture: NamedPicture) => string {
  // Some file systems don't tell letter case apart.
  const taken = new Set([...names].map((name) => name.toLowerCase()));
  return ({ source, frame, frames = 0 }) => {
    const digits = String(frames).length;
    const name =
      baseName(source) + (frame === undefined ? '' : `-${String(frame + 1).padStart(digits, '0')}`);
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}-${number}`;
    taken.add(free.toLowerCase());
    return free;
  };
}

type NamedPicture = Pick<SourcePicture, 'source' | 'frame' | 'frames'>;

/** A picture's name without folders and ending, as a file may be called on every system. */
export function baseName(source: string): string {
  if (source === STDIN) return 'stdin';
  const path = isAddress(source) ? addressPath(source) : source;
  return safeName(parse(path).name) || 'picture';
}

/** A name as a file may be called on every system. */
export function safeName(name: string): string {
  return shortened(name.replace(/[/\\<>:"|?*]|\p{Cc}/gu, '_')).replace(/^\.|[.\s]$/g, '_');
}

/** Bytes of a name: file systems take 255, and a number, an ending and what a half-written file is called come after it. */
const LONGEST_NAME = 180;

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  let bytes = 0;
  return [...name].filter((character) => (bytes += Buffer.byteLength(character)) <= LONGEST_NAME).join('');
}

function addressPath(address: string): string {
  const { pathname, hostname } = new URL(address);
  try {
    return decodeURIComponent(pathname) === '/' ? hostname : decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
