import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../environment.js';

const PROGRESS_INTERVAL_MS = 15_000;
const BUILD_TIMEOUT_MS = 1_200_000;

export interface GoInstall {
  version: string;
  /** The binary is complete there, or absent, at any moment. */
  target: string;
  /** Path of the toolchain; undefined when there is none. */
  go: string | undefined;
  environment: Environment;
  log: (line: string) => void;
}

/** Builds the CLI with the Go toolchain into `target`: two to four minutes once. */
export async function installWithGo({ version, target, go, environment, log }: GoInstall): Promise<void> {
  if (!go) throw new Error('there is no Go toolchain on PATH');
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(`${dirname(target)}/build-`);
  const startedAt = performance.now();
  log(`building Temporal ${version} with Go, two to four minutes once`);
  const progress = setInterval(() => {
    log(`building Temporal with Go … ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  }, PROGRESS_INTERVAL_MS);
  try {
    await run(go, ['install', `github.com/temporalio/cli/cmd/temporal@v${version}`], {
      ...environment,
      GOBIN: folder,
      GOFLAGS: '-trimpath',
    });
    renameSync(join(folder, 'temporal'), target);
  } finally {
    clearInterval(progress);
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(go: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(go, args, {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_TIMEOUT_MS,
    });
    let lastLine = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastLine = text.trim().split('\n').at(-1) ?? lastLine;
    });
    const endWithUs = () => child.kill();
    process.once('exit', endWithUs);
    child.once('error', reject);
    child.once('exit', () => process.off('exit', endWithUs));
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(lastLine || 'the build was stopped'))));
  });
}
