const FIELDS = [
  { name: 'minute', from: 0, to: 59, words: [] },
  { name: 'hour', from: 0, to: 23, words: [] },
  { name: 'day of the month', from: 1, to: 31, words: [] },
  { name: 'month', from: 1, to: 12, words: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ') },
  { name: 'day of the week', from: 0, to: 7, words: 'SUN MON TUE WED THU FRI SAT'.split(' ') },
] as const;

/** Why a text is no cron expression of five fields (POSIX, with steps and English names). */
export function cronProblem(text: string): string | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length)
    return `must have five fields (minute, hour, day of the month, month, day of the week), not ${parts.length}`;
  const wrong = FIELDS.find(({ from, to, words }, index) => {
    const numberOf = (word: string) => {
      const named = (words as readonly string[]).indexOf(word.toUpperCase());
      return named >= 0 ? named + from : /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
    };
    const isIn = (value: number) => value >= from && value <= to;
    return !parts[index]!.split(',').every((item) => {
      const [, range = '', step] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
      if (step === '0' || range === '') return false;
      if (range === '*') return true;
      const [low = '', high] = range.split('-', 2);
      return isIn(numberOf(low)) && (high === undefined || (isIn(numberOf(high)) && numberOf(low) <= numberOf(high)));
    });
  });
  return wrong === undefined
    ? undefined
    : `has a wrong ${wrong.name}: ${wrong.from} to ${wrong.to}, *, lists, ranges, steps`;
}
