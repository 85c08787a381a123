import type { IncomingMessage, ServerResponse } from 'node:http';

/** True when it was no call but the question how the agent is, which is answered. */
export function answerProbe({ method }: IncomingMessage, response: ServerResponse): boolean {
  if (method !== 'GET') return false;
  response.setHeader('content-type', 'application/json').end('{"status":"ok"}');
  return true;
}
