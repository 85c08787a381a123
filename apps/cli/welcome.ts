import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { RunEvent } from '../../contracts/events.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import type { Run } from '../../contracts/runs.js';
import { tellRun } from '../../contracts/story/story.js';
import { BrikkClient } from '../../sdk/client.js';
import { allEvents } from './all-events.js';
import { storyText } from './commands/story-output.js';
import { between } from './commands/table.js';
import { type Incident, welcomeRun } from './welcome-run.js';

export interface WelcomeOptions {
  apiUrl: string;
  apiKey: string;
  /** Of the Temporal Web UI. */
  uiUrl?: string;
  /** In Temporal. */
  namespace: string;
  home: string;
  print: (line: string) => void;
}
const PATIENCE_MS = 60_000;

const outcomeSchema = z.object({
  triage: z.object({ id: z.string() }),
  report: z.object({
    title: z.string(),
    severity: z.string(),
    summary: z.string(),
    cause: z.string(),
    measures: z.array(z.string()),
  }),
});

/**
 * The welcome run: incident reports through patterns within patterns. Prints what happened, what came out, and where the
 * run can be read. A repeat finds the run of the first time. Fails with BrikkApiError.
 */
export async function welcome({ apiUrl, apiKey, uiUrl, namespace, home, print }: WelcomeOptions): Promise<Run> {
  const incidents = readIncidents();
  const client = new BrikkClient({ url: apiUrl, apiKey });
  const accepted = await client.runs.start(welcomeRun(incidents), { idempotencyKey: 'welcome-3' });
  const run = await client.runs.wait(accepted.id, { patienceMs: PATIENCE_MS });
  const events = await allEvents(client, run.id);
  for (const line of welcomeStory(incidents, run, events)) print(line);
  print(`  Run   ${apiUrl}/v1/runs/${run.id}   (key: ${path.join(home, 'dev-key')})`);
  if (uiUrl) {
    const { id: orgId } = await client.organisations.current();
    const workflow = encodeURIComponent(runWorkflowId({ orgId, runId: run.id }));
    print(`  Trace ${uiUrl.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${workflow}`);
  }
  return run;
}

/** What happened in each step, and the report that came out. */
export function welcomeStory(incidents: Incident[], run: Run, events: RunEvent[]): string[] {
  const calls = run.usage.calls ?? run.contributions.length;
  const took = between(run.startedAt ?? run.acceptedAt, run.finishedAt);
  const ended = run.status === 'completed' ? 'done' : `${run.status}${run.error ? `: ${run.error.message}` : ''}`;
  // How the run began and ended stands in the first line already.
  const steps = tellRun(events).lines.filter(({ place }) => place.length > 0);
  return [
    `Welcome: ${incidents.length} incident reports, patterns within patterns, ${calls} agent calls, ${took}, ${ended}.`,
    ...(steps.length > 0 ? [storyText(steps, process.stdout.columns)] : []),
    ...outcome(run),
  ];
}

function outcome({ output }: Run): string[] {
  const { data } = outcomeSchema.safeParse(output);
  if (!data) return [];
  const { title, severity, summary, cause, measures } = data.report;
  return [
    '',
    `  ${data.triage.id} ${title} (${severity})`,
    `    What happened  ${summary}`,
    `    Why            ${cause}`,
    ...measures.map((measure, place) => `    ${place === 0 ? 'Measures' : '        '}       ${measure}`),
    '',
  ];
}

function readIncidents(): Incident[] {
  const file = new URL('../../examples/data/incidents.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Incident[];
}
