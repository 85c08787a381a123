import type { Json } from '../../contracts/json.js';

/** The JSON pointer (RFC 6901) of what `steps` name below `pointer`. */
export const below = (pointer: string, ...steps: readonly (string | number)[]): string =>
  [pointer, ...steps.map(escaped)].join('/');

/** The JSON pointer of a place; empty for the whole document. */
export const pointerOf = (steps: readonly (string | number)[]): string => below('', ...steps);

/** The names and indexes that a JSON pointer leads through. */
export const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The value at a JSON pointer; undefined when there is none. */
export const valueAt = (root: Json, pointer: string): Json | undefined =>
  stepsOf(pointer).reduce<Json | undefined>((node, step) => (node === undefined ? node : part(node, step)), root);

/** The JSON pointer of a reference into its own document (`#/components/a%20b`); undefined for any other. */
export function pointerIn(reference: string): string | undefined {
  if (!/^#(\/|$)/.test(reference)) return undefined;
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return undefined;
  }
}

function part(node: Json, step: string): Json | undefined {
  if (Array.isArray(node)) return INDEX.test(step) ? node[Number(step)] : undefined;
  return node !== null && typeof node === 'object' && Object.hasOwn(node, step) ? node[step] : undefined;
}

const INDEX = /^(?:0|[1-9]\d*)$/;
const escaped = (step: string | number): string => String(step).replaceAll('~', '~0').replaceAll('/', '~1');
