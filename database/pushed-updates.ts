import { A2A_STATES, A2A_TASK_PREFIX } from '../contracts/a2a-states.js';
import { MAX_EVENT_DATA_BYTES } from '../contracts/event-bus.js';
import type { NewRunEvent } from '../contracts/events.js';
import type { Json } from '../contracts/json.js';
import type { NewBusEvent } from './event-bus.repository.js';
import { statusAfter } from './run-records.js';
import type { SentRow } from './event-outbox.js';

/** What the client of a task is told of it, as A2A 1.0 writes it: the state, and before the last one a small artifact. */
export function pushedUpdates(sent: SentRow): NewBusEvent[] {
  const { orgId, runId, position, at, contextId, output, hasOutput } = sent;
  const status = statusAfter({ type: sent.type, data: sent.data } as NewRunEvent);
  if (contextId === null || status === undefined) return [];
  const of = { taskId: runId, contextId };
  const event = (name: string, data: Json): NewBusEvent => ({
    event: {
      specversion: '1.0',
      id: `${runId}:${position}/${name}`,
      source: `/orgs/${orgId}/runs/${runId}`,
      type: `${A2A_TASK_PREFIX}${runId}`,
      time: at.toISOString(),
      data,
    },
    runId,
    orderingKey: runId,
    forEndpoints: true,
  });
  const state = { state: A2A_STATES[status], timestamp: at.toISOString() };
  const update = event('status', { statusUpdate: { ...of, status: state, metadata: { runStatus: status } } });
  const fits = hasOutput && output !== null && JSON.stringify(output).length <= MAX_EVENT_DATA_BYTES / 2;
  if (!fits) return [update];
  const parts: Json = [typeof output === 'string' ? { text: output } : { data: output }];
  const artifact = { artifactId: `${runId}/output`, name: 'output', parts };
  return [event('artifact', { artifactUpdate: { ...of, artifact, append: false, lastChunk: true } }), update];
}
