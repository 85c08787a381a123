import type { FinishedCall } from '../contracts/run-workflow.js';
import { AgentCallRun } from './agent-call.js';
import { pause } from './backoff.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import type { ToolRoom } from './llm-tools.js';

/** Where models have their tools called: an agent of a tool answers at once, since the model waits for it. */
export const toolRoom = (room: CallRoom): ToolRoom => ({
  payloads: room.payloads,
  journal: room.journal,
  makeCall: (terms) => {
    const { callbacks: _later, ...tools } = room;
    return finished(tools, terms);
  },
});

/** A call that would be deferred waits here, to its end. */
async function finished(room: CallRoom, terms: CallTerms): Promise<FinishedCall> {
  const { call, signal } = terms;
  const endAt = Date.now() + call.timeout.totalMs;
  for (;;) {
    const totalMs = Math.max(1, endAt - Date.now());
    const own = { ...terms, call: { ...call, timeout: { ...call.timeout, totalMs } } };
    const outcome = await new AgentCallRun(room, own).run(Promise.resolve());
    if ('status' in outcome) return outcome;
    await pause('deferred' in outcome ? Math.min(outcome.deferred.afterMs, totalMs) : totalMs, signal);
  }
}
