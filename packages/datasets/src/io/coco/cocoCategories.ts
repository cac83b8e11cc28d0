import { SampleError } from '../../types';
import { isRecord, written } from '../json/parseJson';
import { idOf } from './cocoId';

export interface Categories {
  /** Names in ascending order of their ids, each once. */
  classes: string[];
  /** The class that an annotation's `category_id` means, or what is wrong with it. */
  nameOf(categoryId: unknown): { name: string } | { fault: string };
}

/** Reads 'categories'. Two names under one id can't be told apart, two ids of one name are one class; both are said. */
export function cocoCategories(
  records: readonly unknown[],
  { file, problems }: { file: string; problems: SampleError[] },
): Categories {
  const names = new Map<string, Set<string>>();
  for (const record of records) {
    const id = isRecord(record) ? idOf(record['id']) : undefined;
    const name = isRecord(record) ? nameIn(record['name']) : undefined;
    if (name === undefined) problems.push(problem(file, { record, fault: 'has no name, skipped' }));
    // Where there is no id, annotations may give the name.
    else names.set(id ?? name, (names.get(id ?? name) ?? new Set()).add(name));
  }
  const owner = new Map<string, string>();
  for (const [id, own] of names) {
    const list = [...own];
    if (list.length > 1)
      problems.push(
        problem(file, { record: { id }, fault: `has ${list.length} names (${list.join(', ')})` }),
      );
    for (const name of list) {
      const first = owner.get(name);
      if (first === undefined) owner.set(name, id);
      else problems.push(sameName(file, { name, ids: [first, id] }));
    }
  }
  const nameOf: Categories['nameOf'] = (categoryId) => {
    const id = idOf(categoryId);
    const own = id === undefined ? undefined : names.get(id);
    if (own?.size === 1) return { name: [...own][0]! };
    if (own) return { fault: `has category_id ${id}, which may be ${[...own].join(' or ')}` };
    if (id !== undefined && owner.has(id)) return { name: id };
    return { fault: `has category_id ${written(categoryId)}, which is not in 'categories'` };
  };
  return { classes: sortedNames(names), nameOf };
}

function nameIn(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
  return text.trim() === '' ? undefined : text;
}

function sortedNames(names: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const entries = [...names].sort(([a], [b]) => Number(a) - Number(b));
  return [...new Set(entries.flatMap(([, own]) => [...own]))];
}

function problem(file: string, { record, fault }: { record: unknown; fault: string }): SampleError {
  return new SampleError(file, {
    what: `category ${isRecord(record) ? written(record['id']) : written(record)} ${fault}`,
    cure: 'correct or delete that category',
    kind: 'note',
  });
}

function sameName(file: string, { name, ids }: { name: string; ids: readonly string[] }): SampleError {
  return new SampleError(file, {
    what: `categories ${ids.join(' and ')} are both called '${name}', taken as one class`,
    cure: 'rename one of them where they differ',
    kind: 'note',
  });
}
