import { createHash, randomUUID } from 'node:crypto';
import { A2aFailure, a2aMethod, a2aResult } from '../connectors/a2a/a2a-response.js';
import { eventData } from '../connectors/lib/event-stream.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import { type OpenAnswer, WebFailure } from '../connectors/web/web.connector.js';
import type { Json } from '../contracts/json.js';
import type { A2aRequest, ServerCall } from '../contracts/language-activities.js';
import { serverInCard } from './agent-card.js';
import { fieldsOf } from './call-parts.js';
import { sendAs } from './credentials.js';
import { failed, hostOf, type Outcome, parseDocument, type Prepared, ServerError } from './outside-call.js';

const MAX_EVENTS = 10_000;

/** A method of an A2A server (JSON-RPC binding): its result, of streams the list of results. */
export async function makeA2aCall(
  { runId, key }: ServerCall,
  request: A2aRequest,
  prepared: Prepared,
): Promise<Outcome> {
  const { parts, web, credentials, timeoutMs, signal } = prepared;
  const { uri, version } = await serverOf(request, prepared);
  const given = fieldsOf(fieldsOf(parts, 'the request')['parameters'] ?? undefined, 'parameters');
  const isMessage = ['message/send', 'message/stream'].includes(request.method);
  const parameters = isMessage ? withMessage(given, version, uuidOf(`${runId}/${key}`)) : given;
  const method = a2aMethod(request.method, version);
  const asked = { jsonrpc: '2.0', id: randomUUID(), method, params: parameters };
  const answer = await sendAs(credentials, { method: 'post', uri }, (authorization) => {
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'a2a-version': version,
      ...(authorization === undefined ? {} : { authorization }),
    };
    return web.open({ method: 'post', uri, headers, body: JSON.stringify(asked), timeoutMs, signal });
  });
  const output = await resultOf(answer, `${request.method} of ${hostOf(uri)}`);
  const flaw = whyUnstorable(output);
  return flaw === undefined ? { output } : failed('http.invalid', `the answer cannot be kept: ${flaw}`);
}

async function serverOf({ uri, card }: A2aRequest, { fetchDocument }: Prepared) {
  if (card === undefined) return { uri: uri ?? '', version: '0.3' as const };
  return serverInCard(parseDocument(await fetchDocument(card)), card);
}

type Fields = { [name: string]: Json };

/** What the specification of the language fills in; a repeat of the call has the same id, so that the agent can tell. */
function withMessage({ message, ...rest }: Fields, version: '0.3' | '1.0', messageId: string): Fields {
  const role = version === '0.3' ? 'user' : 'ROLE_USER';
  return message === undefined ? rest : { ...rest, message: { messageId, role, ...fieldsOf(message, 'message') } };
}

/** Of no time and no chance (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function resultOf({ status, headers, body, rename }: OpenAnswer, who: string): Promise<Json> {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  try {
    if (type === 'text/event-stream') {
      const results: Json[] = [];
      for await (const data of eventData(body)) {
        if (results.length >= MAX_EVENTS) throw new WebFailure('invalid', `${who} gave more than ${MAX_EVENTS} events`);
        results.push(resultIn(data, status, who));
      }
      return results;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    return resultIn(Buffer.concat(chunks).toString('utf8'), status, who);
  } catch (error) {
    if (error instanceof ServerError || error instanceof WebFailure) throw error;
    throw rename(error);
  }
}

function resultIn(text: string, status: number, who: string): Json {
  try {
    return a2aResult(text, status);
  } catch (error) {
    if (!(error instanceof A2aFailure)) throw error;
    const { message, by } = error;
    if (by.status !== undefined) throw new ServerError(`http.${by.status}`, `${who} ${message}`);
    if (message.startsWith('failed')) throw new ServerError('server.failed', `${who} ${message}`);
    throw new WebFailure('invalid', `${who} ${message}`);
  }
}
