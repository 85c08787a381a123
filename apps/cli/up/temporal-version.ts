import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The server's version in the output of `temporal --version`: a CLI built from source calls itself 0.0.0-DEV. */
export function parseServerVersion(output: string): string | undefined {
  return /\(Server (\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** Compares dotted numbers part by part. */
export function isAtLeast(version: string, minimum: string): boolean {
  const parts = version.split('.').map(Number);
  const limits = minimum.split('.').map(Number);
  for (const [index, limit] of limits.entries()) {
    const part = parts[index] ?? 0;
    if (part !== limit) return part > limit;
  }
  return true;
}

/** The server version of this binary; undefined when it is not there, does not run, or is something else. */
export async function askServerVersion(binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 20_000 });
    return parseServerVersion(stdout);
  } catch {
    return undefined;
  }
}
