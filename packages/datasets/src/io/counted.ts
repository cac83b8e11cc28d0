/** `1 picture`, `3 pictures`, `2 boxes`. */
export function counted(number: number, noun: string): string {
  const plural = noun.endsWith('x') ? 'es' : 's';
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : plural}`;
}
