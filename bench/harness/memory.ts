import { readFileSync } from 'node:fs';
import { treesOf } from './cpu.js';

/**
 * Resident megabytes of each named process with all its descendants. A page that several processes share counts in equal
 * parts (proportional set size, proc_pid_smaps(5)): Postgres maps the same buffers in every connection. NaN where the
 * kernel does not tell.
 */
export function residentMbOf(roots: Record<string, readonly number[]>): Record<string, number> {
  const sums = Object.entries(treesOf(roots)).map(([name, pids]): [string, number] => [
    name,
    pids.length === 0 ? NaN : pids.reduce((sum, pid) => sum + proportionalMb(pid), 0),
  ]);
  return Object.fromEntries(sums);
}

function proportionalMb(pid: number): number {
  try {
    const [, kib] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return Number(kib) / 1_024;
  } catch {
    return 0; // The process ended between the listing and the reading.
  }
}
