import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PROGRESS_INTERVAL_MS = 15_000;
const BUILD_TIMEOUT_MS = 1_200_000;

/** Builds the CLI with the Go toolchain into `target`: two to four minutes once. */
export async function installWithGo(
  version: string,
  target: string,
  go: string | undefined,
  log: (line: string) => void,
): Promise<void> {
  if (!go) throw new Error('there is no Go toolchain on PATH');
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(`${dirname(target)}/build-`);
  const startedAt = performance.now();
  log(`building Temporal ${version} with Go, two to four minutes once`);
  const progress = setInterval(() => {
    log(`building Temporal with Go … ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  }, PROGRESS_INTERVAL_MS);
  try {
    await run(go, ['install', `github.com/temporalio/cli/cmd/temporal@v${version}`], folder);
    renameSync(join(folder, 'temporal'), target);
  } finally {
    clearInterval(progress);
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(go: string, args: readonly string[], binFolder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(go, args, {
      env: { ...process.env, GOBIN: binFolder, GOFLAGS: '-trimpath' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_TIMEOUT_MS,
    });
    let lastLine = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastLine = text.trim().split('\n').at(-1) ?? lastLine;
    });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(lastLine || 'the build was stopped'))));
  });
}
