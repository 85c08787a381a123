import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import type { LaunchedBrikk } from './brikk.js';
import { historyText } from './history-text.js';
import { asOwner, tablesWith } from './postgres.js';

/** What a text may look like where somebody has written it down. */
export const formsOf = (secret: string): string[] => [
  ...new Set([
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
  ]),
];

/** What the launched product has written down, apart from its own keys: where each of the texts is found. */
export async function tracesOf(
  brikk: LaunchedBrikk,
  client: Client,
  said: Record<string, string>,
  texts: string[],
): Promise<string[]> {
  const places = { ...said, ...(await historiesOf(client)), ...(await filesOf(brikk.home)) };
  const found = Object.entries(places).flatMap(([name, text]) =>
    texts.filter((one) => text.includes(one)).map((one) => `${name}: ${one}`),
  );
  const tables = await tablesWith(ownerUrlOf(brikk.home) as string, texts);
  return [...found, ...tables.map((name) => `table ${name}`)];
}

async function historiesOf(client: Client): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { workflowId, runId, type } of client.workflow.list())
    texts[`history ${type} ${workflowId}`] = historyText(
      await client.workflow.getHandle(workflowId, runId).fetchHistory(),
    );
  return texts;
}

/** Logs, and the engine's own files with all that it has ever been told. */
async function filesOf(home: string): Promise<Record<string, string>> {
  const names = await readdir(home, { recursive: true });
  const wanted = names.filter((name) => /^logs\/|temporal.*\.db/.test(name));
  const texts = wanted.map(async (name) => [name, await readFile(path.join(home, name), 'latin1')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** Rows that were written for what somebody may read of the past: how many, by table. */
export const rowsIn = (brikk: LaunchedBrikk, tables: string[]): Promise<number[]> =>
  asOwner(ownerUrlOf(brikk.home) as string, async (owner) => {
    const counts: number[] = [];
    for (const table of tables) counts.push((await owner.query(`SELECT FROM ${table}`)).rowCount ?? 0);
    return counts;
  });
