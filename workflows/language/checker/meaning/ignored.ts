import type { Path } from '../problem.js';
import { isObject } from '../schema/values.js';
import { type Check, fieldsOf } from './check.js';

/** A field that other runtimes may read: here it means nothing, and the document stays valid. */
export function warnIgnored(check: Check, path: Path, why: string): void {
  check.warn({ path, at: 'key', code: 'ignored-field', message: `is not read: ${why}` });
}

/** Whatever stands in `backoff` beside the name of its kind. */
export function checkBackoff(check: Check, backoff: unknown, path: Path): void {
  for (const [kind, terms] of Object.entries(fieldsOf(backoff)))
    for (const field of Object.keys(fieldsOf(terms)))
      warnIgnored(check, [...path, kind, field], `${kind} goes by delay, limit and jitter alone`);
}

/** What an OAuth policy says that no call of a definition could do. */
export function checkOAuth(check: Check, policy: unknown, path: Path): void {
  const { endpoints, grant } = fieldsOf(policy);
  for (const field of ['revocation', 'introspection'])
    if (Object.hasOwn(fieldsOf(endpoints), field))
      warnIgnored(check, [...path, 'endpoints', field], 'tokens are asked for, kept until they expire, and no more');
  if (grant !== 'authorization_code') return;
  const message = 'authorization_code needs a person to agree: use a connection, or another grant';
  check.report({ path: [...path, 'grant'], code: 'not-allowed', message });
}

/** No option of a transport is known, and what it would change is not to be guessed. */
export function checkTransportOptions(check: Check, options: unknown, path: Path): void {
  for (const option of Object.keys(fieldsOf(options))) {
    const message = 'no option of a transport is known: headers, environment, timeout say what can be said';
    check.report({ path: [...path, option], at: 'key', code: 'not-allowed', message });
  }
}

const KEYED = 'only calls of http, openapi and connectors take a key of their own';

/** Connectors have a dot in their names. */
const KEYED_CALL = /^(?:http|openapi|[\w-]+\.[\w-]+(?:[:@].*)?)$/;

/** Options of Brikk that only some tasks read. */
export function checkKeyOption(check: Check, { call }: Record<string, unknown>, key: unknown, path: Path): void {
  if (key === undefined) return;
  if (typeof call !== 'string' || !KEYED_CALL.test(call)) warnIgnored(check, [...path, 'idempotencyKey'], KEYED);
}

/** Fields of `emit.event` beside `with` are no part of the event. */
export function checkEmitted(check: Check, event: unknown, path: Path): void {
  if (!isObject(event)) return;
  for (const field of Object.keys(event))
    if (field !== 'with') warnIgnored(check, [...path, field], 'the attributes of the event stand in with');
}
