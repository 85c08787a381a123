import type { z } from 'zod';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { CallParts, LateParts, OutsideCall } from '../contracts/language-activities.js';
import type { Payloads, SecretReader } from './dependencies.js';
import { evaluate } from './evaluate.js';
import { hiding } from './hide-secrets.js';

/** Parts that give no request. The message shows no secret. */
export class PartError extends Error {
  constructor(
    readonly code: 'secret.not_found' | 'expression.failed',
    message: string,
  ) {
    super(message);
    this.name = 'PartError';
  }
}

export interface ReadParts extends Omit<CallParts<Json>, 'request'> {
  /** What the request is filled with, where it may read the credentials as `$authorization`. */
  requestWith: (authorization: Json) => Promise<Json>;
  /** The text without the secrets that the call has read. */
  hide: (text: string) => string;
  opened: Json[];
}

/** The parts of a call, with those that read secrets evaluated. Fails with a PartError. */
export async function readParts(
  { payloads, secrets }: { payloads: Payloads; secrets: SecretReader },
  call: OutsideCall<unknown>,
): Promise<ReadParts> {
  const { parts, orgId } = call;
  if (!('secrets' in parts)) {
    const { request, authentication, document } = parts;
    return {
      requestWith: () => payloads.materialise(orgId, request),
      ...(authentication && { authentication: await payloads.materialise(orgId, authentication) }),
      ...(document && { document: await payloads.materialise(orgId, document) }),
      hide: (text) => text,
      opened: [],
    };
  }
  const opened = await openAll(secrets, call, parts);
  const hide = hiding(Object.values(opened));
  const give = async (program: string, more: Record<string, Json>): Promise<Json> => {
    const known = Object.entries({ secrets: opened, ...more }).map(
      ([name, value]) => [name, { inline: value }] as const,
    );
    const variables = { ...parts.variables, ...Object.fromEntries(known) };
    try {
      return await evaluate(payloads, orgId, { program, input: parts.data, variables });
    } catch (error) {
      if (error instanceof BrikkError) throw new PartError('expression.failed', hide(error.message));
      throw error;
    }
  };
  const { request, authentication, document } = parts;
  return {
    requestWith: (authorization) => give(request, { authorization }),
    ...(authentication !== undefined && { authentication: await give(authentication, {}) }),
    ...(document !== undefined && { document: await give(document, {}) }),
    hide,
    opened: Object.values(opened),
  };
}

async function openAll(
  secrets: SecretReader,
  ref: OutsideCall<unknown>,
  { secrets: names }: LateParts,
): Promise<Record<string, Json>> {
  const opened = await secrets.open(ref, names);
  const missing = names.find((name) => !opened.has(name));
  if (missing !== undefined) throw new PartError('secret.not_found', `there is no secret ${missing}`);
  return Object.fromEntries(opened);
}

/** The fields of an object; fails with a PartError that says what is none. */
export function fieldsOf(value: Json | undefined, what: string): { [name: string]: Json } {
  if (value === undefined) return {};
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  throw new PartError('expression.failed', `${what} must be an object`);
}

/** Headers as they are sent: names in lower case, values as text. */
export function headersOf(value: Json | undefined): Record<string, string> {
  const named = Object.entries(fieldsOf(value, 'headers'));
  return Object.fromEntries(named.map(([name, text]) => [name.toLowerCase(), textOf(text)]));
}

/** What is wrong with the parameters of a function, in words. */
export const issuesOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'with'} ${message}`)
    .join('; ');

/** Text as it is, anything else as JSON. */
export const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The text of a field, empty where there is none. */
export const textAt = (fields: { [name: string]: Json }, name: string): string => textOf(fields[name] ?? '');

/** Arguments as a process has them. */
export const listOf = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(textOf) : []);

/** Variables as a process has them. Fails with a PartError. */
export const environmentOf = (value: Json | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsOf(value ?? undefined, 'environment')).map(([name, text]) => [name, textOf(text)]),
  );
