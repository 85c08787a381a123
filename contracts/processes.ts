import { z } from 'zod';
import type { Definition } from './definition.js';
import { BrikkError } from './errors.js';

/** What `run` may start on the worker's machine when the operator allows it. */
export const RUN_KINDS = ['container', 'script', 'shell'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** What a definition may start there; `mcp`: a server of MCP that is spoken to over standard input and output. */
export const PROCESS_KINDS = [...RUN_KINDS, 'mcp'] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];

/** The setting of API and workers; a list such as `script,shell`. Nothing is allowed unless it says so. */
const SETTING = 'BRIKK_ALLOW_PROCESSES';

export const allowedProcessesSchema = z
  .string()
  .default('')
  .transform((text) => text.split(',').filter((kind) => kind !== ''))
  .pipe(z.array(z.enum(PROCESS_KINDS, { error: `must be a list of ${PROCESS_KINDS.join(', ')}` })));

/** Why a process is not started. */
export const refusedProcess = (kind: ProcessKind): string =>
  `${kind === 'mcp' ? 'transport.stdio of mcp' : `run.${kind}`} starts a process and is refused: the operator allows it by ${SETTING}=${kind}`;

/** Fields of tasks that hold no tasks. */
const DATA = new Set(['set', 'with', 'input', 'output', 'export', 'metadata', 'raise', 'emit']);

/** The kinds of processes that a definition may start, in the order of the kinds. */
export function processesIn({ do: tasks, use }: Definition): ProcessKind[] {
  const found = new Set<string>();
  const walk = (part: unknown): void => {
    if (part === null || typeof part !== 'object') return;
    const { run } = part as { run?: unknown };
    if (run !== null && typeof run === 'object') Object.keys(run).forEach((key) => found.add(key));
    if (isOverStdio(part)) found.add('mcp');
    Object.entries(part).forEach(([key, inner]) => !DATA.has(key) && walk(inner));
  };
  [tasks, use?.functions, use?.extensions].forEach(walk);
  return PROCESS_KINDS.filter((kind) => found.has(kind));
}

function isOverStdio(task: object): boolean {
  const { call, with: given } = task as { call?: unknown; with?: { transport?: { stdio?: unknown } } };
  return call === 'mcp' && given?.transport?.stdio !== undefined;
}

/** Fails `workflow.invalid` when a definition would start what is not allowed. */
export function refuseProcesses(definition: Definition, allowed: readonly ProcessKind[]): void {
  const refused = processesIn(definition).filter((kind) => !allowed.includes(kind));
  if (refused.length === 0) return;
  const violations = refused.map((kind) => ({ path: 'definition.do', message: refusedProcess(kind) }));
  const told = violations.map(({ message }) => message).join('; ');
  throw new BrikkError('workflow.invalid', `The definition cannot be carried out: ${told}`, { violations });
}
