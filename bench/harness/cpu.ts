import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts CPU time of processes in these units (USER_HZ). */
const TICK_MS = 10;

interface ProcessTimes {
  parent: number;
  cpuMs: number;
}

/** CPU milliseconds of each named process with all its descendants; empty where there is no /proc. */
export function cpuMsOf(roots: Record<string, readonly number[]>): Record<string, number> {
  const processes = readProcesses();
  if (processes.size === 0) return {};
  const own = process.cpuUsage();
  const groups = Object.entries(roots).map(([name, pids]) => [name, sumOfTrees(processes, pids)] as const);
  return { ...Object.fromEntries(groups), client: (own.user + own.system) / 1_000 };
}

/** CPU milliseconds per agent call and process between two readings. */
export function cpuMsPerCall(
  before: Record<string, number>,
  after: Record<string, number>,
  calls: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, ms]) => [name, Number(((ms - (before[name] ?? 0)) / calls).toFixed(3))]),
  );
}

/** The process ids of each named process with all its descendants; none where there is no /proc. */
export function treesOf(roots: Record<string, readonly number[]>): Record<string, number[]> {
  const processes = readProcesses();
  return Object.fromEntries(Object.entries(roots).map(([name, pids]) => [name, treeOf(processes, pids)]));
}

function sumOfTrees(processes: Map<number, ProcessTimes>, roots: readonly number[]): number {
  return treeOf(processes, roots).reduce((sum, pid) => sum + (processes.get(pid)?.cpuMs ?? 0), 0);
}

function treeOf(processes: Map<number, ProcessTimes>, roots: readonly number[]): number[] {
  const wanted = new Set(roots);
  let grown = -1;
  while (grown !== wanted.size) {
    grown = wanted.size;
    for (const [pid, { parent }] of processes) if (wanted.has(parent)) wanted.add(pid);
  }
  return [...wanted].filter((pid) => processes.has(pid));
}

function readProcesses(): Map<number, ProcessTimes> {
  const processes = new Map<number, ProcessTimes>();
  if (process.platform !== 'linux') return processes;
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const times = Number.isInteger(pid) && readTimes(pid);
    if (times) processes.set(pid, times);
  }
  return processes;
}

/** proc_pid_stat(5): after the name in brackets stand state, ppid, …, utime, stime, cutime, cstime. */
function readTimes(pid: number): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), cpuMs: ticks * TICK_MS };
  } catch {
    return undefined; // The process ended between the listing and the reading.
  }
}
