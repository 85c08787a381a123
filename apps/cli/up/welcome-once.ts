import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { welcome } from '../welcome.js';
import type { Status } from './state-file.js';

/** The welcome run belongs to the first start of a data folder. When it fails, that is said and the start goes on. */
export async function welcomeOnce(status: Status, namespace: string, print: (line: string) => void): Promise<void> {
  const { home, api, devKey, temporal } = status;
  const done = join(home, 'welcomed');
  if (existsSync(done)) return;
  try {
    await welcome({ apiUrl: api.url, apiKey: devKey, uiUrl: temporal.uiUrl ?? undefined, namespace, home, print });
    writeFileSync(done, '');
  } catch (error) {
    print(`  The welcome run did not finish: ${error instanceof Error ? error.message : String(error)}`);
  }
}
