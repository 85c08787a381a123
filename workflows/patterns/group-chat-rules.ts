import type { Json } from '../../contracts/json.js';

/** jq: the small part of a manager's answer that decides; whatever else it is becomes null. */
export const CHOICE = `def text: if type == "string" then .[0:1000] else null end;
  if type == "string" then {next: text}
  elif type == "object" then {next: (.next | text), end: (.end == true), reason: (.reason | text)}
  elif type == "null" then {end: true}
  else null end`;

export type Choice = { next: string; reason?: string } | { end: true; reason?: string } | { invalid: string };

/** Who speaks next, given what `CHOICE` finds in an answer: a name, `{next, reason?}`, or the end (`{end: true}`, null). */
export function readChoice(found: Json, names: string[]): Choice {
  if (found === null || typeof found !== 'object' || Array.isArray(found)) return { invalid: 'names nobody' };
  const reason = typeof found.reason === 'string' ? { reason: found.reason } : {};
  if (found.end === true) return { end: true, ...reason };
  if (typeof found.next !== 'string') return { invalid: 'names nobody' };
  if (!names.includes(found.next)) return { invalid: `${JSON.stringify(found.next.slice(0, 128))} takes no part` };
  return { next: found.next, ...reason };
}

/** In declared order, round and round; the first one when nobody has spoken. */
export function nextInOrder<Name>(names: readonly [Name, ...Name[]], last: Name | undefined): Name {
  return names[last === undefined ? 0 : names.indexOf(last) + 1] ?? names[0];
}
