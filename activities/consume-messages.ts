import { StringDecoder } from 'node:string_decoder';
import { eventData } from '../connectors/lib/event-stream.js';
import { type OpenAnswer, WebFailure } from '../connectors/web/web.connector.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Consumption } from '../contracts/language-activities.js';
import { PartError } from './call-parts.js';
import type { Payloads } from './dependencies.js';
import { evaluate } from './evaluate.js';

/** More are not kept as the output of one task. */
const MAX_MESSAGES = 10_000;

/** A message as expressions see it. */
export type Message = { payload: Json; headers?: Json; correlationId?: Json };

/** The payloads of an answer: events of a stream, lines of JSON, or what a JSON document holds. */
export async function* payloadsIn(answer: OpenAnswer): AsyncGenerator<Json> {
  const { headers } = answer;
  const body = chunksOf(answer);
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/event-stream') for await (const data of eventData(body)) yield readOf(data);
  else if (/[/+](?:x-)?(?:ndjson|jsonl|jsonlines)$/.test(type))
    for await (const line of linesIn(body)) yield readOf(line);
  else if (/[/+]json$/.test(type)) {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const read = readOf(Buffer.concat(chunks).toString('utf8'));
    if (Array.isArray(read)) yield* read;
    else yield read;
  } else
    throw new WebFailure(
      'invalid',
      `messages come as text/event-stream, x-ndjson or json, not as ${type || 'nothing'}`,
    );
}

async function* chunksOf({ body, rename }: OpenAnswer): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    throw rename(error);
  }
}

async function* linesIn(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of body) {
    text += decoder.write(chunk);
    const lines = text.split(/\n/);
    text = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
  }
  text += decoder.end();
  if (text.trim() !== '') yield text;
}

/** JSON; any other text as it is. */
function readOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/**
 * Messages by the policy of a subscription, until it is fulfilled or there are no more: those that pass `filter`; before
 * each of them `until` is asked, after each `while`. Fails with a PartError when an expression does.
 */
export async function consume(
  { payloads, orgId }: { payloads: Payloads; orgId: string },
  { filter, while: goesOn, until, amount, variables }: Consumption,
  messages: AsyncIterable<Message>,
  take: (message: Message) => void,
): Promise<void> {
  const holds = async (program: string, message: Message): Promise<boolean> => {
    const value = await evaluate(payloads, orgId, { program, input: { inline: message }, variables }).catch((error) => {
      throw error instanceof BrikkError ? new PartError('expression.failed', error.message) : error;
    });
    return value !== false && value !== null;
  };
  let count = 0;
  if (amount !== undefined && amount <= 0) return;
  for await (const message of messages) {
    if (filter !== undefined && !(await holds(filter, message))) continue;
    if (until !== undefined && (await holds(until, message))) return;
    if (count === MAX_MESSAGES) throw new WebFailure('invalid', `more than ${MAX_MESSAGES} messages came`);
    take(message);
    count += 1;
    if (count === amount) return;
    if (goesOn !== undefined && !(await holds(goesOn, message))) return;
  }
}
