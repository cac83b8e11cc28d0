import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const system = matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<Theme>(
  (localStorage.getItem('theme') as Theme | null) ?? (system.matches ? 'dark' : 'light'),
);

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = theme.value;
  localStorage.setItem('theme', theme.value);
}
