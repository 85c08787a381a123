import type { IncomingMessage } from 'node:http';
import { BrikkError } from '../../../contracts/errors.js';
import type { Json } from '../../../contracts/json.js';
import { checkJsonLimits } from './json-limits.js';

export const MAX_BODY_BYTES = 1_024 * 1_024;

/**
 * The JSON body of a request, or undefined when it has none. Fails `body.too_large`, `body.unsupported_type` (also for
 * a compressed body), `request.invalid_json`, and `request.invalid` when the value breaks a limit.
 */
export async function readJsonBody(
  request: IncomingMessage,
  maxBytes = MAX_BODY_BYTES,
  furtherTypes: string[] = [],
): Promise<Json | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length > 0) refuseOtherTypes(request, [...JSON_TYPES, ...furtherTypes]);
  return jsonOf(bytes);
}

/**
 * The text of a document in JSON or YAML, or undefined when there is none. What it holds is not looked at, but for what
 * calls itself JSON. Fails like `readJsonBody`.
 */
export async function readDocumentBody(
  request: IncomingMessage,
  maxBytes = MAX_BODY_BYTES,
): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) return undefined;
  refuseOtherTypes(request, [...JSON_TYPES, ...YAML_TYPES]);
  if (JSON_TYPES.includes(mediaTypeOf(request))) parseJson(bytes);
  return decode(bytes);
}

/** The bytes of a body, whatever they are. Fails `body.too_large`. */
export async function readRawBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  return readBytes(request, maxBytes);
}

/** The JSON of bytes that were read; undefined when there are none. Fails `request.invalid_json`, `request.invalid`. */
export function jsonOf(bytes: Buffer): Json | undefined {
  if (bytes.length === 0) return undefined;
  const value = parseJson(bytes);
  checkJsonLimits(value);
  return value;
}

const JSON_TYPES = ['application/json'];
/** RFC 9512, and what came before it. */
const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];
const mediaTypeOf = ({ headers }: IncomingMessage) =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else reject(tooLarge(maxBytes));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    const endedEarly = () => reject(new BrikkError('request.invalid_json', 'The body ended early'));
    request.once('error', endedEarly);
    // Every request is closed; an error for each would cost more than the reading.
    request.once('close', () => {
      if (!request.readableEnded) endedEarly();
    });
  });
}

function refuseOtherTypes(request: IncomingMessage, types: string[]): void {
  const { headers } = request;
  const [, ...parameters] = (headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  const encoding = headers['content-encoding'] ?? 'identity';
  const type = mediaTypeOf(request);
  if (!types.includes(type)) throw unsupported('Content-Type', types);
  if ((charset ?? 'utf-8') !== 'utf-8') throw unsupported('Content-Type', [`${type}; charset=utf-8`]);
  if (encoding !== 'identity') throw unsupported('Content-Encoding', ['identity']);
}

function parseJson(bytes: Buffer): Json {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch (error) {
    throw new BrikkError('request.invalid_json', `The body is not JSON: ${whyNot(bytes, error)}`, { cause: error });
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new BrikkError('request.invalid_json', 'The body is not UTF-8', { cause: error });
  }
}

/** Node's own words, without the text that they quote from the body. */
function whyNot(bytes: Buffer, error: unknown): string {
  if (!(error instanceof SyntaxError)) return 'it is not UTF-8';
  if (error.message.includes('end of JSON')) return 'it ends too early';
  const token = /^Unexpected token '?(.)'?[, ]/u.exec(error.message)?.[1];
  const what = token === undefined ? 'something unexpected' : `unexpected ${JSON.stringify(token)}`;
  const position = /at position (\d+)/.exec(error.message)?.[1];
  if (position === undefined) return what;
  const lines = bytes.toString().slice(0, Number(position)).split('\n');
  return `${what} at line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}

const unsupported = (path: string, allowed: string[]) =>
  new BrikkError('body.unsupported_type', `The body must be ${wordsOf(path, allowed)} in UTF-8, uncompressed`, {
    violations: [{ path, message: `must be ${allowed.join(' or ')}`, allowed }],
  });

const wordsOf = (path: string, allowed: string[]) =>
  path === 'Content-Type' && allowed.some((type) => YAML_TYPES.includes(type))
    ? 'application/json or application/yaml'
    : 'application/json';

const tooLarge = (maxBytes: number) =>
  new BrikkError('body.too_large', `The body is larger than ${maxBytes / 1_024} KiB`, {
    violations: [{ path: 'body', message: `must be at most ${maxBytes / 1_024} KiB`, allowed: { maxBytes } }],
  });
