import type { IncomingHttpHeaders } from 'node:http';

const ATTRIBUTE = /^ce-([a-z0-9]+)$/;

/**
 * A CloudEvent in binary mode as the event itself: its attributes stand in `ce-` headers, percent-encoded, its data is the
 * body (CloudEvents 1.0, HTTP protocol binding, 3.1). The body as it is when the headers name no version.
 */
export function withBinaryAttributes(headers: IncomingHttpHeaders, data: unknown): unknown {
  if (headers['ce-specversion'] === undefined) return data;
  const attributes = Object.entries(headers).flatMap(([name, value]) => {
    const attribute = ATTRIBUTE.exec(name)?.[1];
    return attribute === undefined ? [] : [[attribute, decoded(String(value))]];
  });
  return { ...Object.fromEntries(attributes), ...(data === undefined ? {} : { data }) };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
