import { execFile } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Environment } from '../environment.js';

const SITE = 'https://temporal.download';
const CONNECT_TIMEOUT_MS = 10_000;
const DOWNLOAD_TIMEOUT_MS = 600_000;

/** The archive of the official CLI for this machine. */
export function downloadUrl(version: string, platform: string, arch: string, site = SITE): string {
  const query = new URLSearchParams({ platform, arch: arch === 'x64' ? 'amd64' : arch });
  return `${site}/cli/archive/v${version}?${query.toString()}`;
}

export interface Download {
  version: string;
  target: string;
  /** Its proxy settings are used. */
  environment: Environment;
  log: (line: string) => void;
  site?: string;
}

/** Puts the official binary at `target`, which is complete or absent at any moment. */
export async function downloadTemporal({ version, target, environment, log, site }: Download): Promise<void> {
  const url = downloadUrl(version, process.platform, process.arch, site);
  log(`downloading Temporal ${version}`);
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(`${dirname(target)}/download-`);
  try {
    const archive = join(folder, 'temporal.tar.gz');
    const dispatcher = new EnvHttpProxyAgent({ ...proxies(environment), connect: { timeout: CONNECT_TIMEOUT_MS } });
    const response = await fetch(url, { dispatcher, signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) }).catch(
      (error: unknown) => {
        throw new Error('temporal.download cannot be reached', { cause: error });
      },
    );
    if (!response.ok || !response.body) throw new Error(`temporal.download answered ${response.status}`);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(archive));
    await promisify(execFile)('tar', ['-xzf', archive, '-C', folder, 'temporal']);
    renameSync(join(folder, 'temporal'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function proxies(environment: Environment) {
  const read = (name: string) => environment[name.toLowerCase()] ?? environment[name] ?? '';
  return { httpProxy: read('HTTP_PROXY'), httpsProxy: read('HTTPS_PROXY'), noProxy: read('NO_PROXY') };
}
