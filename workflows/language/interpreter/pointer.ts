/** The JSON pointer (RFC 6901) of what `segments` name below `pointer`. */
export const below = (pointer: string, ...segments: (string | number)[]): string =>
  [pointer, ...segments.map(escaped)].join('/');

const escaped = (segment: string | number): string => String(segment).replaceAll('~', '~0').replaceAll('/', '~1');
