import { nextCronTime } from '../../../contracts/cron.js';
import type { Definition } from '../../../contracts/definition.js';
import { BrikkError } from '../../../contracts/errors.js';
import type { Json } from '../../../contracts/json.js';
import { type ScheduleTerms, SHORTEST_PERIOD_MS } from '../../../contracts/schedules.js';
import { durationMs } from '../../../workflows/language/interpreter/duration.js';

const LONGEST_PERIOD_MS = 10 * 365 * 86_400_000;

/** When runs of a definition begin by themselves; undefined when they do not. Fails `workflow.invalid`. */
export function scheduleTerms({ schedule }: Definition): ScheduleTerms | undefined {
  const { every, cron, after, on } = schedule ?? {};
  if (every !== undefined) return { kind: 'every', periodMs: periodOf('every', every as Json) };
  if (after !== undefined) return { kind: 'after', periodMs: periodOf('after', after as Json) };
  if (on !== undefined) return { kind: 'on' };
  if (cron === undefined) return undefined;
  if (nextCronTime(cron, Date.now()) === undefined) throw invalid('cron', `no time is ever "${cron}"`);
  return { kind: 'cron', cron };
}

function periodOf(kind: 'every' | 'after', duration: Json): number {
  const ms = durationMs(duration);
  if (ms !== undefined && ms >= SHORTEST_PERIOD_MS && ms <= LONGEST_PERIOD_MS) return ms;
  throw invalid(kind, 'must be a duration from PT1S to P10Y, not an expression');
}

function invalid(kind: string, message: string): BrikkError {
  const path = `schedule.${kind}`;
  return new BrikkError('workflow.invalid', `The definition cannot be carried out: ${path}: ${message}`, {
    violations: [{ path, message }],
  });
}
