import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, type ProcessIdentity } from './process-identity.js';

const pid = z.number().nullable();

/** What `brikk status -o json` prints. A pid is null where Brikk uses a server that it did not start. */
export const statusSchema = z.object({
  home: z.string(),
  api: z.object({ url: z.string(), pid }),
  workers: z.array(z.object({ pid, queues: z.array(z.string()) })),
  temporal: z.object({
    address: z.string(),
    uiUrl: z.string().nullable(),
    pid,
    source: z.string(),
    version: z.string(),
  }),
  postgres: z.object({ url: z.string(), pid }),
  agents: z.array(z.object({ name: z.string(), pid })),
  devKey: z.string(),
});
export type Status = z.infer<typeof statusSchema>;

const stateSchema = z.object({
  /** False while the parts are still starting. */
  ready: z.boolean(),
  status: statusSchema,
  processes: z.array(z.object({ pid: z.number(), startedAt: z.string() })),
});
export type State = z.infer<typeof stateSchema>;

const FILE = 'state.json';

/** Writes the whole file at once, so that a reader never sees half of it. It holds the developer key: 0600. */
export function writeState(home: string, ready: boolean, status: Status): void {
  const state: State = { ready, status, processes: processesOf(status) };
  const path = join(home, FILE);
  writeFileSync(`${path}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Undefined when there is no file, or one that a crash or another version left unreadable. */
export function readState(home: string): State | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(join(home, FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

export function removeState(home: string): void {
  rmSync(join(home, FILE), { force: true });
}

export function emptyStatus(home: string): Status {
  return {
    home,
    api: { url: '', pid: null },
    workers: [],
    temporal: { address: '', uiUrl: null, pid: null, source: '', version: '' },
    postgres: { url: '', pid: null },
    agents: [],
    devKey: '',
  };
}

function processesOf({ api, workers, temporal, postgres, agents }: Status): ProcessIdentity[] {
  const parts = [...agents, api, ...workers, temporal, postgres];
  return parts.flatMap((part) => (part.pid === null ? [] : (identify(part.pid) ?? [])));
}
