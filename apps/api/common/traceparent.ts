const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A valid W3C traceparent of version 00, or undefined: an invalid one starts a new trace, as the standard says. */
export function readTraceparent(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined;
}

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
