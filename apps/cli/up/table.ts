import type { Status } from './state-file.js';

/** What a person needs next: where everything is, and three commands to try. */
export function renderTable(status: Status): string {
  const rows = [
    ['API', status.api.url],
    ['API docs', `${status.api.url}/docs`],
    ['Temporal Web UI', status.temporal.uiUrl ?? `none (${status.temporal.address})`],
    ['Developer key', status.devKey],
    ['Data folder', status.home],
  ] as const;
  return [
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(17)} ${value}`),
    '',
    'Try:',
    ...commandsToTry(status).map((command) => `  ${command}`),
    '',
  ].join('\n');
}

function commandsToTry({ api, devKey, agents }: Status): string[] {
  const triage = `--with '{"capability":"triage"}' --input '{"text":"Checkout is down since 10:05"}' --follow`;
  return [
    'npx brikk agents list',
    // Without the samples nobody would take that run.
    agents.some(({ name }) => name === 'triage') ? `npx brikk run agent ${triage}` : 'npx brikk run --help',
    `curl -H "Authorization: Bearer ${devKey}" ${api.url}/v1/runs`,
  ];
}
