const LONGEST = 60;

/** A few words on one line. */
export function brief(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

const step = (key: string | number) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
/** JSON pointer of a place below another. */
export const below = (id: string, ...keys: (string | number)[]): string => `${id}${keys.map(step).join('')}`;
