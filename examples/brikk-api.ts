import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';

/** Asks Brikk's API; fails when it refuses. */
export type Ask = <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;

/** Where webhooks of a provider go, and the secret that it signs them with. */
export interface Source {
  id: string;
  name: string;
  url: string;
  secret: string;
}

const { BRIKK_API_URL: api = 'http://127.0.0.1:7600', BRIKK_API_KEY: key = '' } = process.env;

export const ask: Ask = async <Answer>(method: string, path: string, body?: unknown) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${api}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
};

export const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Makes a connection or a source; one that has the name is replaced. */
export async function renew<Made>(
  asking: Ask,
  list: 'connections' | 'webhook-sources',
  wanted: { name: string; [setting: string]: unknown },
): Promise<Made> {
  const { items } = await asking<{ items: { id: string; name: string }[] }>('GET', `/v1/${list}?limit=200`);
  for (const { id, name } of items) if (name === wanted.name) await asking('DELETE', `/v1/${list}/${id}`);
  return asking<Made>('POST', `/v1/${list}`, wanted);
}

/** Publishes a definition of `definitions/`. */
export async function publish(asking: Ask, name: string): Promise<void> {
  const file = new URL(`definitions/${name}.yaml`, import.meta.url);
  await asking('POST', '/v1/workflows', parse(await readFile(file, 'utf8')));
}

/** The run that the first delivery to a source starts. */
export const startedBy = ({ id }: Source): Promise<string> =>
  eventually(async () => {
    const { items } = await ask<{ items: { outcome: { runIds?: string[] } | null }[] }>(
      'GET',
      `/v1/inbound-events?source=${id}`,
    );
    return items.find(({ outcome }) => outcome?.runIds)?.outcome?.runIds?.[0];
  });

interface Run {
  status: string;
  finishedAt: string | null;
  output: unknown;
  error: { message: string } | null;
}

/** What a run gave, once it has ended; fails when it did. */
export async function outputOf(id: string): Promise<unknown> {
  const { status, error, output } = await eventually(async () => {
    const run = await ask<Run>('GET', `/v1/runs/${id}`);
    return run.finishedAt === null ? undefined : run;
  });
  if (status !== 'completed') throw new Error(`the run ${id} is ${status}: ${error?.message ?? ''}`);
  return output;
}

/** What `look` finds, within a minute. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAt) throw new Error('nothing came of it within a minute');
    await sleep(200);
  }
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
