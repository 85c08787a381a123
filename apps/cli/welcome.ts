import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import type { Run } from '../../contracts/runs.js';
import { BrikkClient, type StartRunInput } from '../../sdk/client.js';
import { between } from './commands/table.js';

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
interface Incident {
  id: string;
  title: string;
  text: string;
}
const PATIENCE_MS = 60_000;

const findingsSchema = z.object({
  'language-id': z.object({ language: z.string() }),
  'pii-scanner': z.object({ counts: z.record(z.string(), z.number()) }),
  triage: z.object({ severity: z.string(), category: z.string() }),
  summariser: z.object({ summary: z.string() }),
});

/**
 * The welcome run: five incident reports at once, each through four agents in turn. Prints what they found and where
 * the run can be read. A repeat finds the run of the first time. Fails with BrikkApiError.
 */
export async function welcome({ apiUrl, apiKey, uiUrl, namespace, home, print }: WelcomeOptions): Promise<Run> {
  const incidents = readIncidents();
  const client = new BrikkClient({ url: apiUrl, apiKey });
  const accepted = await client.runs.start(welcomeRun(incidents), { idempotencyKey: 'welcome-1' });
  const run = await client.runs.wait(accepted.id, { patienceMs: PATIENCE_MS });
  for (const line of welcomeStory(incidents, run)) print(line);
  print(`  Run   ${apiUrl}/v1/runs/${run.id}   (key: ${path.join(home, 'dev-key')})`);
  if (uiUrl) {
    const { id: orgId } = await client.organisations.current();
    const workflow = encodeURIComponent(runWorkflowId({ orgId, runId: run.id }));
    print(`  Trace ${uiUrl.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${workflow}`);
  }
  return run;
}

/** The body that starts the welcome run; the summary is made of the text without its personal data. */
export function welcomeRun(incidents: Incident[]): StartRunInput {
  const read = (capability: string) => ({ name: capability, capability, input: { text: '${ $input.text }' } });
  return {
    pattern: 'concurrent',
    with: {
      items: incidents.map(({ id, title, text }) => ({ id, title, text })),
      branch: {
        pattern: 'sequential',
        with: {
          chain: 'full',
          steps: [
            read('language-id'),
            read('pii-scanner'),
            read('triage'),
            {
              name: 'summariser',
              capability: 'summariser',
              input: { text: '${ .["pii-scanner"].redacted }', sentences: 1 },
            },
          ],
        },
      },
    },
    labels: { welcome: 'true' },
  };
}

/** What the agents found, a paragraph for each incident. */
export function welcomeStory(incidents: Incident[], run: Run): string[] {
  const outputs = Array.isArray(run.output) ? run.output : [];
  const stories = incidents.flatMap(({ id, title }, index) => {
    const found = findingsSchema.safeParse(outputs[index]);
    if (!found.success) return [`  ${id} ${title}: no result`];
    const { triage, summariser } = found.data;
    const counts = Object.entries(found.data['pii-scanner'].counts).map(([kind, count]) => `${count} ${kind}`);
    return [
      `  ${id} ${title}`,
      `    ${found.data['language-id'].language} · ${triage.severity} ${triage.category} · ` +
        `personal data: ${counts.join(', ') || 'none'}`,
      `    ${summariser.summary}`,
    ];
  });
  const calls = run.usage.calls ?? run.contributions.length;
  const took = between(run.startedAt ?? run.acceptedAt, run.finishedAt);
  const ended = run.status === 'completed' ? 'done' : `${run.status}${run.error ? `: ${run.error.message}` : ''}`;
  return [`Welcome: ${incidents.length} incident reports, ${calls} agent calls, ${took}, ${ended}.`, ...stories];
}

function readIncidents(): Incident[] {
  const file = new URL('../../examples/data/incidents.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Incident[];
}
