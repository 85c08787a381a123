import type { HttpRequestWith } from '../../contracts/connector-functions.js';
import { BrikkError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import type { ConnectorAction } from '../lib/connector-action.js';
import { whyUnstorable } from '../lib/storable-json.js';
import { contentOf } from './answer-content.js';

const SAFE = ['GET', 'HEAD', 'OPTIONS'];
const SECRET = new Set(['authorization', 'set-cookie', 'www-authenticate']);

/** `http.request`: what changes something carries its key as `Idempotency-Key`. */
export const httpRequest: ConnectorAction<HttpRequestWith> = {
  async send({ with: { method, path, query, headers: given = {}, body, output }, key, request }) {
    const headers: Record<string, string> = { accept: 'application/json, */*;q=0.5' };
    if (!SAFE.includes(method)) headers['idempotency-key'] = key;
    for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = value;
    if (body !== undefined) headers['content-type'] ??= 'application/json';
    const answer = await request({
      method,
      path,
      headers,
      ...(query && { query }),
      ...(body === undefined ? {} : { body: bodyText(body, headers['content-type'] ?? '') }),
    });
    const content = contentOf(answer);
    const flaw = whyUnstorable(content);
    if (flaw !== undefined) throw new BrikkError('connector.validation', `the answer cannot be kept: ${flaw}`);
    if (output === 'content') return { output: content };
    const shown = Object.entries(answer.headers).filter(([name]) => !SECRET.has(name));
    return { output: { statusCode: answer.status, headers: Object.fromEntries(shown), content } };
  },
};

const bodyText = (body: Json, type: string): string =>
  typeof body === 'string' && !/[/+]json\b/.test(type) ? body : JSON.stringify(body);
