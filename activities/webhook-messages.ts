import type { CloudEvent } from '../contracts/event-bus.js';
import type { Json } from '../contracts/json.js';
import { MAX_EVENT_DATA_BYTES } from '../contracts/event-bus.js';
import { type EndpointTerms, messageId, type Rendered, type Renderer } from '../database/webhook-fan-out.js';
import { bareProgram, isTruthy, JqError, run } from '../workflows/language/jq/index.js';
import { Programs } from '../workflows/language/jq/programs.js';

/** Of one expression. */
const LIMITS = { steps: 100_000, bytes: MAX_EVENT_DATA_BYTES };
const MAX_PARTS = 100;

/** The body that is sent unless a transformation says otherwise: `{type, timestamp, data}`, a CloudEvent 1.0, or what A2A specifies. */
export function messageOf(
  format: EndpointTerms['format'],
  { orgId, key, event }: { orgId: string; key: string; event: CloudEvent },
): { [name: string]: Json } {
  const { type, time, data } = event;
  if (format === 'a2a') return data as { [name: string]: Json };
  if (format === 'cloudevents')
    return { datacontenttype: 'application/json', ...event, id: messageId(key, 0), source: `/orgs/${orgId}` };
  return { type, timestamp: time ?? null, data: data ?? null };
}

/**
 * What an endpoint is sent of an event. The filter and then the transformation see the body as it would be sent. No value
 * is no delivery, several are several deliveries; what is no jq, too slow or too large is an error in words.
 */
export const renderWebhook: Renderer = (terms, event): Rendered => {
  const { filter, transform, format } = terms;
  if (filter === null && transform === null) return { bodies: undefined };
  try {
    const body = messageOf(format, event);
    const passes = filter === null || isTruthy(evaluate(filter, body)[0] ?? null);
    if (!passes) return { bodies: [] };
    if (transform === null) return { bodies: undefined };
    const bodies = evaluate(transform, body).map((value) => JSON.stringify(value));
    if (bodies.length > MAX_PARTS) return { error: `transform gave more than ${MAX_PARTS} values` };
    const isLarge = bodies.some((text) => Buffer.byteLength(text) > MAX_EVENT_DATA_BYTES);
    return isLarge ? { error: `transform gave more than ${MAX_EVENT_DATA_BYTES / 1_024} KiB` } : { bodies };
  } catch (error) {
    if (error instanceof JqError) return { error: error.message };
    throw error;
  }
};

const programs = new Programs();

const evaluate = (text: string, body: Json): Json[] =>
  run(programs.compiled(bareProgram(text), []), body, {}, { ...LIMITS, now: Date.now() });
