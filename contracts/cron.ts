const FIELDS = [
  { from: 0, to: 59, words: [] },
  { from: 0, to: 23, words: [] },
  { from: 1, to: 31, words: [] },
  { from: 1, to: 12, words: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ') },
  { from: 0, to: 7, words: 'SUN MON TUE WED THU FRI SAT'.split(' ') },
] as const;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** The 29th of February may be eight years away. */
const MOST_DAYS = 366 * 9;

/**
 * The first minute after `afterMs` that a cron expression of five fields names, in UTC; undefined when there is none, and
 * for what is no such expression. A day fits when it fits both its fields, or one of them where both are restricted
 * (POSIX).
 */
export function nextCronTime(text: string, afterMs: number): number | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return undefined;
  const fields = FIELDS.map((field, index) => readField(field, parts[index] as string));
  if (fields.includes(undefined)) return undefined;
  const [minutes, hours, days, months, weekdays] = fields as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  const either = !parts[2]!.startsWith('*') && !parts[4]!.startsWith('*');
  const first = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const midnight = Math.floor(first / DAY_MS) * DAY_MS;
  for (let day = midnight, count = 0; count < MOST_DAYS; day += DAY_MS, count += 1) {
    const date = new Date(day);
    const fits = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
    if (!months.has(date.getUTCMonth() + 1) || !(either ? fits.includes(true) : !fits.includes(false))) continue;
    const time = timeOfDay(minutes, hours, Math.max(0, first - day));
    if (time !== undefined) return day + time;
  }
  return undefined;
}

/** Milliseconds since midnight, not before `fromMs`. */
function timeOfDay(minutes: Set<number>, hours: Set<number>, fromMs: number): number | undefined {
  for (let minute = fromMs / MINUTE_MS; minute < 1_440; minute += 1)
    if (hours.has(Math.floor(minute / 60)) && minutes.has(minute % 60)) return minute * MINUTE_MS;
  return undefined;
}

function readField({ from, to, words }: (typeof FIELDS)[number], text: string): Set<number> | undefined {
  const numberOf = (word: string): number => {
    const named = (words as readonly string[]).indexOf(word.toUpperCase());
    return named >= 0 ? named + from : /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  };
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
    const [low = '', high] = range.split('-', 2);
    const first = range === '*' ? from : numberOf(low);
    const last = range === '*' || (high === undefined && step !== undefined) ? to : numberOf(high ?? low);
    const by = Number(step ?? 1);
    if (!(first >= from && last <= to && first <= last && by > 0)) return undefined;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  // Sunday is 0 and 7.
  if (to === 7 && values.has(7)) values.add(0);
  return values;
}
