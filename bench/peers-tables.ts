import type { Rows } from './harness/report.js';
import { medianOfRows, rounded } from './harness/statistics.js';

/** What became of one system: a row of figures for each round, or why there are no more of them. */
export interface Outcome {
  rows: Record<string, number>[];
  cpu: Record<string, number>[];
  node: string;
  durability: string;
  reason?: string;
  /** The figures of the round in which it failed. */
  begun?: Record<string, number>;
}

/** Of a reason, what a table has room for. */
const REASON_LENGTH = 200;

/** One line for each system, by its title; one that could not do all of the work says why. */
export function tablesOf(outcomes: ReadonlyMap<string, Outcome>, clients: number): Record<string, Rows> {
  const [figures, cpu, systems]: [Rows, Rows, Rows] = [{}, {}, {}];
  for (const [title, { rows, begun = {}, cpu: cpuRows, node, durability, reason }] of outcomes) {
    const row = medianOfRows(rows.length > 0 ? rows : [begun]);
    figures[title] = { ...row, ...(reason !== undefined && { 'why not': inOneLine(reason) }) };
    if (cpuRows.length > 0) cpu[title] = withTotal(medianOfRows(cpuRows));
    systems[title] = { node, durability };
  }
  return {
    'the same work, medians over the rounds': figures,
    [`CPU milliseconds per agent call, ${clients} clients`]: cpu,
    'where a finished step is kept': systems,
  };
}

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, REASON_LENGTH);

/** The agents' own share is no system's doing. */
function withTotal(cpu: Record<string, number>): Record<string, number> {
  const all = Object.entries(cpu).filter(([name]) => name !== 'agents');
  return { ...cpu, 'without agents': rounded(all.reduce((sum, [, ms]) => sum + ms, 0)) };
}
