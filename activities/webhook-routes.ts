import { readDeliveryBody } from '../connectors/webhook/read-delivery.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import { BrikkError } from '../contracts/errors.js';
import { MAX_EVENT_DATA_BYTES } from '../contracts/event-bus.js';
import type { Json } from '../contracts/json.js';
import { ROUTE_VARIABLES, targetOf, type WebhookRoute } from '../contracts/webhook-routes.js';
import type { InboundAction, Router } from '../database/route-inbound.js';
import { bareProgram, isTruthy, JqError, run } from '../workflows/language/jq/index.js';
import { Programs } from '../workflows/language/jq/programs.js';

/** Of one expression. */
const LIMITS = { steps: 100_000, bytes: 262_144 };
const MAX_INPUT_BYTES = 1_024 * 1_024;

/** Those of the routes of all sources. */
const programs = new Programs();

interface Seen {
  body: Json;
  variables: Record<(typeof ROUTE_VARIABLES)[number], Json>;
}

/**
 * The first route that fits has the event. Fails `webhook.refused` for a body that cannot be read or an expression whose
 * value is of no use, and `expression.failed` for one that fails: which route it was stands in the message.
 */
export const routeWebhook: Router = ({ id, source, routes, content }) => {
  const body = readDeliveryBody(content);
  if (body === undefined)
    throw new BrikkError('webhook.refused', 'The body is neither JSON nor a form, nor what its type says, in UTF-8');
  const reason = whyUnstorable(body);
  if (reason !== undefined) throw new BrikkError('webhook.refused', `The body cannot be used: ${reason}`);
  const seen: Seen = { body, variables: { headers: content.headers, source, id } };
  for (const [index, route] of routes.entries()) {
    const named = { index, ...(route.name !== undefined && { name: route.name }) };
    if (route.when !== undefined && !isTruthy(valueOf(named, 'when', route.when, seen) ?? null)) continue;
    const place = { route: index, ...(route.name !== undefined && { routeName: route.name }) };
    return { ...actionOf(named, route, seen), ...place };
  }
  return { action: 'unmatched' };
};

interface Place {
  index: number;
  name?: string;
}

function actionOf(place: Place, route: WebhookRoute, seen: Seen): InboundAction {
  const whole = (field: string, program: string | undefined, maxBytes: number) =>
    withinBytes(place, field, program === undefined ? seen.body : required(place, field, program, seen), maxBytes);
  switch (route.action) {
    case 'start': {
      const { labels } = route;
      const correlationId = textOf(place, 'correlationId', route.correlationId, seen);
      return {
        action: 'start',
        target: targetOf(route),
        input: whole('input', route.input, MAX_INPUT_BYTES),
        ...(labels && { labels }),
        ...(correlationId !== undefined && { correlationId }),
      };
    }
    case 'signal': {
      const id = textOf(place, 'run', route.run, seen);
      const correlationId = textOf(place, 'correlationId', route.correlationId, seen) ?? '';
      const data = whole('data', route.data, MAX_EVENT_DATA_BYTES);
      return { action: 'signal', run: id === undefined ? { correlationId } : { id }, signal: route.signal, data };
    }
    case 'event': {
      const orderingKey = textOf(place, 'orderingKey', route.orderingKey, seen);
      const data = whole('data', route.data, MAX_EVENT_DATA_BYTES);
      return { action: 'event', type: route.type, data, ...(orderingKey !== undefined && { orderingKey }) };
    }
    case 'drop':
      return { action: 'drop' };
  }
}

function withinBytes(place: Place, field: string, value: Json, maxBytes: number): Json {
  if (Buffer.byteLength(JSON.stringify(value)) <= maxBytes) return value;
  throw refusal(place, field, `is larger than ${maxBytes / 1_024} KiB`);
}

/** Undefined where the route does not say it. */
function textOf(place: Place, field: string, program: string | undefined, seen: Seen): string | undefined {
  if (program === undefined) return undefined;
  const value = required(place, field, program, seen);
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && text !== '' && text.length <= 255) return text;
  throw refusal(place, field, 'must give a text of 1 to 255 characters');
}

function required(place: Place, field: string, program: string, seen: Seen): Json {
  const value = valueOf(place, field, program, seen);
  if (value === undefined) throw refusal(place, field, 'gave no value');
  return value;
}

function valueOf(place: Place, field: string, program: string, { body, variables }: Seen): Json | undefined {
  try {
    const compiled = programs.compiled(bareProgram(program), ROUTE_VARIABLES);
    const [first, ...others] = run(compiled, body, variables, { ...LIMITS, now: Date.now() });
    if (others.length > 0) throw refusal(place, field, 'gave several values');
    return first;
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    throw new BrikkError('expression.failed', `${nameOf(place, field)}: ${error.message}`, { cause: error });
  }
}

const refusal = (place: Place, field: string, message: string) =>
  new BrikkError('webhook.refused', `${nameOf(place, field)} ${message}`);
const nameOf = ({ index, name }: Place, field: string) =>
  `${field} of routes[${index}]${name === undefined ? '' : ` (${name})`}`;
