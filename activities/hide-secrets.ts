import type { Json } from '../contracts/json.js';

/** Shorter texts are no secrets of their own, and hiding them would tear other texts. */
const MIN_HIDDEN = 4;

/** Takes the texts of these values out of a text, in every form in which a request carries them. */
export function hiding(values: Json[]): (text: string) => string {
  const texts = values.flatMap(textsIn).filter((text) => text.length >= MIN_HIDDEN);
  const forms = texts.flatMap((text) => [
    text,
    encodeURIComponent(text),
    new URLSearchParams({ '': text }).toString().slice(1),
    JSON.stringify(text).slice(1, -1),
  ]);
  const longestFirst = [...new Set(forms)].toSorted((left, right) => right.length - left.length);
  return (text) => longestFirst.reduce((shown, form) => shown.replaceAll(form, '***'), text);
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}
