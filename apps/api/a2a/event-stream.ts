import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Proxies close a connection that is quiet for longer. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Server-sent events of values that come one by one. Fails like the first one; what fails later is the last event, as
 * `onError` says it. A reader that goes ends the values.
 */
export async function eventStream<Value>(
  values: AsyncGenerator<Value, void, undefined>,
  onError: (error: unknown) => unknown,
): Promise<Readable> {
  const first = await values.next();
  const out = new PassThrough();
  const alive = setInterval(() => out.write(': still here\n\n'), KEEP_ALIVE_MS);
  out.once('close', () => clearInterval(alive));
  const messages = async function* () {
    try {
      if (!first.done) yield messageOf(first.value);
      for await (const value of values) yield messageOf(value);
    } catch (error) {
      yield `event: error\n${messageOf(onError(error))}`;
    }
  };
  pipeline(messages(), out).catch(() => undefined); // What failed has destroyed `out`, and with it the answer.
  return out;
}

const messageOf = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
