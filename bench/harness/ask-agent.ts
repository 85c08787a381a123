import { Agent } from 'undici';

/** The same limits for whoever calls agents beside the product. Ends with the process. */
const dispatcher = new Agent({ connections: 1_200, pipelining: 1 });

export interface AskedAgent {
  endpoint: string;
  runId: string;
  step: string;
  input: unknown;
}

/** One agent call as the product sends it (protocol `http`, version 1); gives the output. */
export async function askAgent({ endpoint, runId, step, input }: AskedAgent): Promise<unknown> {
  const { origin, pathname } = new URL(endpoint);
  const { statusCode, body } = await dispatcher.request({
    origin,
    path: pathname,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'brikk-protocol': '1', 'idempotency-key': step },
    body: JSON.stringify({
      kind: 'task',
      capability: 'echo',
      input,
      context: {},
      deadlineMs: 30_000,
      run: { id: runId, step, attempt: 1 },
      idempotencyKey: step,
    }),
  });
  const answer = (await body.json()) as { output: unknown };
  if (statusCode !== 200) throw new Error(`the agent answered ${statusCode}`);
  return answer.output;
}
