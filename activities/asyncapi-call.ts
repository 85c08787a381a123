import { whyUnstorable } from '../connectors/lib/storable-json.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import { BrikkError } from '../contracts/errors.js';
import type { CloudEvent } from '../contracts/event-bus.js';
import { isReservedType, MAX_EVENT_DATA_BYTES } from '../contracts/event-bus.js';
import type { Json } from '../contracts/json.js';
import type { AsyncApiRequest, Consumption, ServerCall } from '../contracts/language-activities.js';
import { valueAt } from '../workflows/language/json-pointer.js';
import { type Channel, channelOf } from './asyncapi-document.js';
import { fieldsOf, headersOf } from './call-parts.js';
import { violationsOf } from '../connectors/lib/check-output.js';
import type { MessageChannels } from './dependencies.js';
import { mapTexts } from './hide-secrets.js';
import { consume, type Message, payloadsIn } from './consume-messages.js';
import { sendAs } from './credentials.js';
import {
  failed,
  hostOf,
  type Outcome,
  parseDocument,
  type Prepared,
  ServerError,
  UnusableDocument,
} from './outside-call.js';

const TYPE = /^[A-Za-z0-9._:/-]{1,255}$/;

/**
 * A message published to a channel: the output is the message. Or messages consumed from one: over HTTP the list of them;
 * of a channel inside the installation `{type, schema, correlation}`, with which the run hears them itself.
 */
export async function makeAsyncApiCall(
  channels: MessageChannels,
  call: ServerCall,
  request: AsyncApiRequest,
  prepared: Prepared,
): Promise<Outcome> {
  const { message, variables } = fieldsOf(prepared.parts, 'the request');
  const document = parseDocument(await prepared.fetchDocument(request.document));
  const asked = { ...request, isPublished: request.consume === undefined };
  const known = fieldsOf(variables, 'server.variables');
  const channel = named(request, () => channelOf(document, asked, known));
  if (request.consume) return receive(channels, call, request, channel, request.consume, prepared);
  const { payload = {}, headers } = fieldsOf(message, 'message');
  const sent = { payload, ...(headers !== undefined && { headers }) };
  const wrong = named(request, () => flawOf(channel, sent));
  if (wrong !== undefined) return failed('validation.failed', `message: ${wrong}`);
  const shown = mapTexts(sent, prepared.hide);
  if ('type' in channel.over) {
    if (JSON.stringify(shown) !== JSON.stringify(sent))
      return failed('http.refused', 'a message of a channel of the installation may not hold secrets');
    await channels.publish(call, eventOf(call, channel.over.type, sent, request));
  } else {
    const refused = await post(call, channel.over, channel.contentType, sent, prepared);
    if (refused) return refused;
  }
  return { output: shown };
}

/** Failures of the document name it. */
function named<T>({ document }: AsyncApiRequest, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnusableDocument) throw new UnusableDocument(`${document}: ${error.message}`);
    throw error;
  }
}

function flawOf({ schema }: Channel, message: Json): string | undefined {
  if (schema === undefined) return undefined;
  try {
    return violationsOf(schema, message).join('; ') || undefined;
  } catch (error) {
    if (error instanceof BrikkError) throw new UnusableDocument(error.message);
    throw error;
  }
}

function eventOf(
  { runId, key }: ServerCall,
  type: string,
  { payload, headers }: Message,
  { document }: AsyncApiRequest,
): CloudEvent {
  if (!TYPE.test(type) || isReservedType(type))
    throw new UnusableDocument(`${document}: a channel of the installation has an address of A-Z a-z 0-9 . _ : / -`);
  if (JSON.stringify(payload).length > MAX_EVENT_DATA_BYTES)
    throw new UnusableDocument(`a message of a channel of the installation has at most ${MAX_EVENT_DATA_BYTES} bytes`);
  const event = { id: key, specversion: '1.0', source: `https://brikk.dev/runs/${runId}`, type, data: payload };
  return { ...event, time: new Date().toISOString(), ...(headers !== undefined && { headers }) };
}

async function post(
  { runId, key }: ServerCall,
  { uri, method = 'POST' }: { uri: string; method?: string },
  contentType = 'application/json',
  { payload, headers }: Message,
  { web, credentials, timeoutMs, signal }: Prepared,
): Promise<Outcome | undefined> {
  const own = { 'content-type': contentType, 'idempotency-key': `${runId}/${key}`, ...headersOf(headers) };
  const body = JSON.stringify(payload);
  const answer = await sendAs(credentials, { method, uri }, (authorization) => {
    const sent = { ...(authorization === undefined ? {} : { authorization }), ...own };
    return web.request({ method, uri, headers: sent, body, timeoutMs, signal });
  });
  if (answer.status >= 200 && answer.status < 300) return undefined;
  return failed(`http.${answer.status}`, `${method} ${hostOf(uri)} answered ${answer.status}`);
}

async function receive(
  channels: MessageChannels,
  call: ServerCall,
  request: AsyncApiRequest,
  channel: Channel,
  policy: Consumption,
  prepared: Prepared,
): Promise<Outcome> {
  const { over, schema, correlation } = channel;
  if ('uri' in over) return readFrom(call, over, policy, channel, request, prepared);
  if (!TYPE.test(over.type))
    throw new UnusableDocument(
      `${request.document}: a channel of the installation has an address of A-Z a-z 0-9 . _ : / -`,
    );
  await channels.subscribe(call, over.type);
  return {
    output: { type: over.type, ...(schema && { schema }), ...(correlation !== undefined && { correlation }) },
  };
}

/** Reads the answer of one request until the policy is fulfilled, its time is over, or the answer ends. */
async function readFrom(
  { orgId }: ServerCall,
  { uri, method = 'GET' }: { uri: string; method?: string },
  policy: Consumption,
  channel: Channel,
  request: AsyncApiRequest,
  { web, credentials, timeoutMs, signal, payloads }: Prepared,
): Promise<Outcome> {
  const limitMs = Math.max(1, policy.forMs ?? timeoutMs);
  const taken: Message[] = [];
  const accept = 'text/event-stream, application/x-ndjson, application/json;q=0.9';
  try {
    const answer = await sendAs(credentials, { method, uri }, (authorization) =>
      web.open({
        method,
        uri,
        headers: { accept, ...(authorization === undefined ? {} : { authorization }) },
        timeoutMs: limitMs,
        signal,
      }),
    );
    try {
      if (answer.status < 200 || answer.status >= 300)
        return failed(`http.${answer.status}`, `${method} ${hostOf(uri)} answered ${answer.status}`);
      const messages = checked(payloadsIn(answer), channel, request);
      await consume({ payloads, orgId }, policy, messages, (message) => taken.push(message));
    } finally {
      answer.body.destroy();
    }
  } catch (error) {
    const isOver = error instanceof WebFailure && error.kind === 'timeout' && policy.forMs !== undefined;
    if (!isOver) throw error;
  }
  const flaw = whyUnstorable(taken);
  return flaw === undefined ? { output: taken } : failed('http.invalid', `the messages cannot be kept: ${flaw}`);
}

async function* checked(payloads: AsyncIterable<Json>, channel: Channel, request: AsyncApiRequest) {
  let index = 0;
  for await (const payload of payloads) {
    const message: Message = { payload };
    const correlationId = channel.correlation === undefined ? undefined : valueAt(message, channel.correlation);
    const wrong = named(request, () => flawOf(channel, message));
    if (wrong !== undefined) throw new ServerError('validation.failed', `message ${index}: ${wrong}`);
    index += 1;
    yield { ...message, ...(correlationId !== undefined && { correlationId }) };
  }
}
