import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { HttpAuthentication, HttpCall, HttpRequest, LateParts } from '../contracts/language-activities.js';
import type { Payloads, SecretReader } from './dependencies.js';
import { evaluate } from './evaluate.js';

/** A part that reads secrets gives no request. The message shows none of them. */
export class LatePartError extends Error {
  constructor(
    readonly code: 'secret.not_found' | 'expression.failed',
    message: string,
  ) {
    super(message);
    this.name = 'LatePartError';
  }
}

export interface Completed {
  call: HttpCall;
  /** The text without the secrets that the call has read. */
  hide: (text: string) => string;
}

/** The call with its parts that read secrets evaluated. Fails with a LatePartError. */
export async function completeCall(
  { payloads, secrets }: { payloads: Payloads; secrets: SecretReader },
  call: HttpCall,
): Promise<Completed> {
  const { late, ...rest } = call;
  if (!late) return { call, hide: (text) => text };
  const opened = await openAll(secrets, call, late);
  const hide = hiding(Object.values(opened));
  const give = async (program: string, more: Record<string, Json>): Promise<Json> => {
    const known = Object.entries({ secrets: opened, ...more }).map(
      ([name, value]) => [name, { inline: value }] as const,
    );
    const variables = { ...late.variables, ...Object.fromEntries(known) };
    try {
      return await evaluate(payloads, call.orgId, { program, input: late.data, variables });
    } catch (error) {
      if (error instanceof BrikkError) throw new LatePartError('expression.failed', hide(error.message));
      throw error;
    }
  };
  const authentication =
    late.authentication === undefined ? call.authentication : readAuthentication(await give(late.authentication, {}));
  const authorization = authentication ? describe(authentication) : null;
  const parts = late.request === undefined ? undefined : await give(late.request, { authorization });
  const completed: HttpCall = { ...rest, request: withParts(call.request, parts) };
  return { call: authentication ? { ...completed, authentication } : completed, hide };
}

async function openAll(
  secrets: SecretReader,
  ref: HttpCall,
  { secrets: names }: LateParts,
): Promise<Record<string, Json>> {
  const opened = await secrets.open(ref, names);
  const missing = names.find((name) => !opened.has(name));
  if (missing !== undefined) throw new LatePartError('secret.not_found', `there is no secret ${missing}`);
  return Object.fromEntries(opened);
}

function withParts(request: HttpCall['request'], parts: Json | undefined): HttpCall['request'] {
  if (parts === undefined) return request;
  const given = fieldsOf(parts, 'the request');
  if ('operationId' in request) return { ...request, parameters: { inline: given['parameters'] ?? null } };
  const headers = Object.entries(fieldsOf(given['headers'] ?? {}, 'headers'));
  const named: HttpRequest = {
    ...request,
    headers: {
      ...request.headers,
      ...Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), textOf(value)])),
    },
    query: fieldsOf(given['query'] ?? {}, 'query'),
  };
  return given['body'] === undefined ? named : { ...named, body: { inline: given['body'] } };
}

function readAuthentication(given: Json): HttpAuthentication {
  const { basic, bearer } = fieldsOf(given, 'authentication');
  if (bearer !== undefined) return { bearer: { token: fieldOf(bearer, 'bearer', 'token') } };
  return {
    basic: { username: fieldOf(basic ?? {}, 'basic', 'username'), password: fieldOf(basic ?? {}, 'basic', 'password') },
  };
}

/** As RFC 9110, 11.4 writes credentials. */
function describe(given: HttpAuthentication): Json {
  if ('bearer' in given) return { scheme: 'Bearer', parameter: given.bearer.token };
  const { username, password } = given.basic;
  return { scheme: 'Basic', parameter: Buffer.from(`${username}:${password}`).toString('base64') };
}

function fieldOf(given: Json, what: string, name: string): string {
  const value = fieldsOf(given, what)[name];
  if (typeof value === 'string') return value;
  throw new LatePartError('expression.failed', `${what}.${name} must be text`);
}

function fieldsOf(value: Json, what: string): { [name: string]: Json } {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  throw new LatePartError('expression.failed', `${what} must be an object`);
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Shorter texts are no secrets of their own, and hiding them would tear other texts. */
const MIN_HIDDEN = 4;

function hiding(values: Json[]): (text: string) => string {
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
