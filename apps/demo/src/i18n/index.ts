import { signal } from '@preact/signals';
import { en } from './en';
import { ko } from './ko';

export type Language = 'en' | 'ko';
export type Text = keyof typeof en;

const remembered = localStorage.getItem('language');
const preferred = remembered ?? (navigator.language.startsWith('ko') ? 'ko' : 'en');

export const language = signal<Language>(preferred === 'ko' ? 'ko' : 'en');

/** A text in the visitor's language, `{name}` replaced by values. */
export function t(text: Text, values: Record<string, string | number> = {}): string {
  const template = (language.value === 'ko' ? ko : en)[text];
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

export function setLanguage(value: Language): void {
  language.value = value;
  localStorage.setItem('language', value);
  document.documentElement.lang = value;
}
document.documentElement.lang = language.value;
