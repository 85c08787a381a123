import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { definitionOf, startDefinition, TestInterpreter } from '../support/interpreted.js';
import { ScriptedAgents } from '../support/scripted-agents.js';

/** Heard one by one: each makes four events of the history, which is too long for one from 3,500 on. */
const EVENTS = 900;
const UNTIL = `length == ${EVENTS}`;

/** Writes the first history of a run that hears more than one history holds. */
export async function recordListens(folder: string, only?: readonly string[]): Promise<void> {
  if (only && !only.includes('long-listen')) return;
  const tested = await TestInterpreter.start({});
  tested.agents = new ScriptedAgents(() => ({ output: null }));
  const listen = { to: { any: [{ with: { type: 'counted' } }], until: UNTIL } };
  const handle = await startDefinition(tested.worker, definitionOf([{ hear: { listen, output: { as: 'length' } } }]));
  const first = tested.worker.client.workflow.getHandle(handle.workflowId, firstRunOf(handle));
  for (let data = 1; data <= EVENTS; data += 1) {
    await handle.signal('events', [
      { number: data, event: { id: `${data}`, specversion: '1.0', source: '/s', type: 'counted', data } },
    ]);
    // What comes while it is at work is one event of the history, not four.
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  await handle.result();
  const history = historyToJSON(await first.fetchHistory());
  await writeFile(path.join(folder, 'long-listen.json.gz'), gzipSync(history, { level: 9 }));
  await tested.stop();
}

const firstRunOf = (handle: WorkflowHandle): string =>
  (handle as unknown as { firstExecutionRunId: string }).firstExecutionRunId;
