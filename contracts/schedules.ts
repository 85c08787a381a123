import { z } from 'zod';
import { nextCronTime } from './cron.js';
import { versionSchema } from './json.js';

export const SCHEDULE_KINDS = ['every', 'cron', 'after', 'on'] as const;

/** When a workflow begins by itself: at an interval, at the minutes of a cron expression (UTC), or so long after its end. */
export type TimedTerms =
  | { kind: 'every' | 'after'; periodMs: number; cron?: undefined }
  | { kind: 'cron'; cron: string; periodMs?: undefined };

/** Or when events come; which ones, the listener of the workflow knows. */
export type ScheduleTerms = TimedTerms | { kind: 'on'; periodMs?: undefined; cron?: undefined };

/** Between two runs at least. */
export const SHORTEST_PERIOD_MS = 1_000;

export const scheduleSchema = z
  .object({
    namespace: z.string(),
    name: z.string(),
    version: versionSchema.describe('The newest version that was published: its schedule is the one that holds.'),
    kind: z.enum(SCHEDULE_KINDS),
    cron: z.string().nullable().describe('Five fields, UTC.'),
    periodMs: z
      .number()
      .nullable()
      .describe('Of `every`, between two starts; of `after`, from an end to the next start.'),
    state: z.enum(['active', 'paused']),
    nextDueAt: z
      .string()
      .nullable()
      .describe('RFC 3339; null while it is paused, of `after` while a run goes on, and of `on`.'),
    lastRunId: z.string().nullable(),
    lastDueAt: z.string().nullable(),
    fires: z.int().describe('Runs that it has started.'),
    skipped: z.int().describe('Times of a cron expression that were left out because the run before had not ended.'),
    missed: z
      .int()
      .describe('Times that passed while nothing of Brikk was running, too long ago or too many to make up.'),
  })
  .meta({ id: 'Schedule' });
/** When a workflow begins by itself, as its newest version says. */
export type Schedule = z.infer<typeof scheduleSchema>;

/** When it comes first, or next after `fromMs`; undefined for a cron expression that names no time, and for events. */
export function dueAfter(terms: ScheduleTerms, fromMs: number): number | undefined {
  if (terms.kind === 'on') return undefined;
  return terms.kind === 'cron' ? nextCronTime(terms.cron, fromMs) : fromMs + terms.periodMs;
}

/** What was due is made up for that long. */
const CATCH_UP_MS = 10 * 60_000;
const CATCH_UP_FIRES = 100;

/**
 * What a schedule does at `nowMs` that was due at `dueMs`: the times to start runs for, how many it lets go, and when it
 * is due again (of `after` not before a run has ended). Times of `every` keep their distance whenever they are worked
 * off; of a cron expression only the last one counts, since the others would overlap.
 */
export function firesOf(
  terms: TimedTerms,
  dueMs: number,
  nowMs: number,
): { times: number[]; missed: number; nextMs: number | undefined } {
  if (dueMs > nowMs) return { times: [], missed: 0, nextMs: dueMs };
  if (terms.kind === 'cron') return cronFires(terms.cron, dueMs, nowMs);
  if (terms.kind === 'after') return { times: [dueMs], missed: 0, nextMs: undefined };
  const { periodMs } = terms;
  const last = Math.floor((nowMs - dueMs) / periodMs);
  const oldest = Math.max(0, Math.ceil((nowMs - CATCH_UP_MS - dueMs) / periodMs), last - CATCH_UP_FIRES + 1);
  const first = Math.min(last, oldest);
  const times = Array.from({ length: last - first + 1 }, (_, at) => dueMs + (first + at) * periodMs);
  return { times, missed: first, nextMs: dueMs + (last + 1) * periodMs };
}

function cronFires(cron: string, dueMs: number, nowMs: number): ReturnType<typeof firesOf> {
  for (let [time, missed] = [dueMs, 0]; ; missed += 1) {
    const next = nextCronTime(cron, time);
    if (next === undefined || next > nowMs) return { times: [time], missed, nextMs: next };
    time = next;
  }
}
