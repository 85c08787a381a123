import type { Endpoint } from '../../../contracts/definition-calls.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import type { Variables } from '../../lib/evaluator.js';
import { plain } from '../../lib/values.js';
import { evaluateTemplate } from './expressions.js';
import { fault } from './fault.js';
import type { Place } from './place.js';

const NAME = /\{([^{}]+)\}/g;

/**
 * The URI of an endpoint: an expression, or a template whose `{name}` is a top-level field of the task's input,
 * percent-encoded; a missing one is empty. What an expression gives is data and no template.
 */
export async function uriOf(place: Place, endpoint: Endpoint, data: Value, variables: Variables): Promise<string> {
  const text = typeof endpoint === 'string' ? endpoint : endpoint.uri;
  if (text.includes('${')) {
    const uri = plain(await evaluateTemplate(place, text, data, variables));
    if (typeof uri === 'string') return uri;
    throw fault('expression', place.pointer, { detail: 'the endpoint must be text' });
  }
  const names = [...new Set([...text.matchAll(NAME)].map(([, name = '']) => name))];
  if (names.length === 0) return text;
  const picks = names.map((name) => `\${ if type == "object" then .[${JSON.stringify(name)}] else null end }`);
  const values = plain(await evaluateTemplate(place, picks, data, variables)) as Json[];
  return text.replaceAll(NAME, (_, name: string) => encoded(place, name, values[names.indexOf(name)] ?? null));
}

function encoded({ pointer }: Place, name: string, value: Json): string {
  if (value === null) return '';
  if (typeof value === 'object')
    throw fault('expression', pointer, { detail: `{${name}} of the endpoint must be no array or object` });
  return encodeURIComponent(String(value));
}
