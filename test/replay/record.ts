// Records what replay.spec.ts replays. A change to running code adds a scenario; recorded files stay as they are.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { ScriptedPersons } from '../support/scripted-persons.js';
import { scriptedLanguage } from '../support/scripted-language.js';
import { ScriptedAgents } from '../support/scripted-agents.js';
import { startRun } from '../support/start-run.js';
import { withWorker } from '../support/temporal.js';
import { until } from '../support/until.js';
import { SCENARIOS } from './scenarios.js';

/** Writes one history a scenario into `folder`; only of those that are named, when there are names. */
export async function record(folder: string, only?: readonly string[]): Promise<void> {
  for (const scenario of SCENARIOS) {
    const { name, pattern, params, input, script, agents: names, others, persons = [], canceledAfter } = scenario;
    if (only && !only.includes(name)) continue;
    const agents = new ScriptedAgents(script, names);
    others?.(agents.memory);
    let client: Client | undefined;
    const asked = new ScriptedPersons(
      () => client as Client,
      (_, count) => persons[count - 1],
    );
    const activities = { ...agents.activities(), ...asked.activities(), ...scriptedLanguage() };
    await withWorker({ activities }, async (worker) => {
      ({ client } = worker);
      const handle = await startRun(worker, pattern, params, input);
      if (canceledAfter !== undefined) {
        await until(() => agents.done.length === canceledAfter);
        await handle.cancel();
      }
      await handle.result();
      await writeFile(path.join(folder, `${name}.json`), `${historyToJSON(await handle.fetchHistory())}\n`);
    });
  }
}
