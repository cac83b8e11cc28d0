import { fileURLToPath } from 'node:url';

export const golden = (name: string) => fileURLToPath(new URL(`goldens/${name}`, import.meta.url));
