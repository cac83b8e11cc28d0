import { parse } from 'node:path';

/** Names what is written after a picture: its name, with -2, -3 … where pictures from different folders have one. */
export function pictureNames(): (path: string) => string {
  const taken = new Set<string>();
  return (path) => {
    const { name } = parse(path);
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
    taken.add(free);
    return free;
  };
}
