import { seeded } from '../support/seeded.js';

/** The processes of the product; `second` ones are run by the suite, and speak with Postgres and Temporal through proxies. */
export const PROCESSES = ['api', 'worker', 'second api', 'second worker', 'temporal', 'postgres'] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** The links that a proxy stands in. */
export const LINKS = ['postgres', 'temporal', 'agent'] as const;
export type Link = (typeof LINKS)[number];

/** What a proxy does to a link. */
export type Trouble =
  /** Each chunk comes later. */
  | { kind: 'latency'; ms: number }
  | { kind: 'bandwidth'; bytesPerSecond: number }
  /** Connections end at once, old and new ones. */
  | { kind: 'reset' }
  /** Nothing goes through, and nobody is told. */
  | { kind: 'black hole' }
  /** The connections that there are stay open for the client, for good, with nobody behind them. */
  | { kind: 'half-open' }
  /** What is asked arrives and is done; its answer does not, and the connection ends. */
  | { kind: 'lost answers' };

export type Fault =
  | { kind: 'kill'; process: ProcessName }
  /** SIGTERM: the process ends in order. */
  | { kind: 'terminate'; process: ProcessName }
  /** SIGSTOP, and SIGCONT after `forMs`. */
  | { kind: 'freeze'; process: ProcessName; forMs: number }
  | { kind: 'network'; link: Link; trouble: Trouble; forMs: number };

export interface PlannedFault {
  /** Milliseconds from the start of the load. */
  atMs: number;
  fault: Fault;
}

const GAP_MS = { least: 1_000, most: 3_500 };
const TROUBLE_MS = { least: 500, most: 5_000 };
const KINDS = ['kill', 'kill', 'terminate', 'freeze', 'network', 'network', 'network'] as const;
const TROUBLES: readonly Trouble[] = [
  { kind: 'latency', ms: 150 },
  { kind: 'bandwidth', bytesPerSecond: 50_000 },
  { kind: 'reset' },
  { kind: 'black hole' },
  { kind: 'half-open' },
  { kind: 'lost answers' },
];
/** Postgres takes SIGTERM for a request to wait until everybody has left. */
const ENDS_IN_ORDER = PROCESSES.filter((name) => name !== 'postgres');

/** What goes wrong and when, the same for the same seed: one fault every one to three and a half seconds. */
export function planFaults(seed: number, forMs: number): PlannedFault[] {
  const draft = seeded(seed);
  const between = ({ least, most }: { least: number; most: number }) => Math.round(least + draft() * (most - least));
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(draft() * choices.length)] as T;
  const next = (): Fault => {
    const kind = one(KINDS);
    if (kind === 'kill') return { kind, process: one(PROCESSES) };
    if (kind === 'terminate') return { kind, process: one(ENDS_IN_ORDER) };
    if (kind === 'freeze') return { kind, process: one(PROCESSES), forMs: between(TROUBLE_MS) };
    return { kind, link: one(LINKS), trouble: one(TROUBLES), forMs: between(TROUBLE_MS) };
  };
  const plan: PlannedFault[] = [];
  for (let atMs = between(GAP_MS); atMs < forMs; atMs += between(GAP_MS)) plan.push({ atMs, fault: next() });
  return plan;
}

/** One line, as the schedule is printed. */
export function describeFault({ atMs, fault }: PlannedFault): string {
  const at = `${(atMs / 1_000).toFixed(1).padStart(6)} s  `;
  if (fault.kind === 'network')
    return `${at}${fault.link}: ${Object.values(fault.trouble).join(' ')} for ${fault.forMs} ms`;
  return `${at}${fault.kind} ${fault.process}${fault.kind === 'freeze' ? ` for ${fault.forMs} ms` : ''}`;
}
