import type { Json } from '../contracts/json.js';
import { BATCH_BYTES, BATCH_CALLS, type CallOutcome } from '../contracts/run-workflow.js';
import { CLAIM_CHECK_BYTES, type RunRef, type Value } from '../contracts/values.js';
import type { Payloads } from './dependencies.js';

const bytesOf = (json: Json) => Buffer.byteLength(JSON.stringify(json));

/** Undefined for a value that is too large to travel. */
export const inlineWhenSmall = (json: Json): Value | undefined =>
  bytesOf(json) <= CLAIM_CHECK_BYTES ? { inline: json } : undefined;

/** The value as a workflow carries it: inline when small, else stored and referenced (claim check). */
export async function carry(payloads: Payloads, { orgId, runId }: RunRef, json: Json): Promise<Value> {
  return inlineWhenSmall(json) ?? payloads.store(orgId, runId, json);
}

/** Stores the largest outputs of a batch, as one list, so that the rest fits inline: 128 KiB for each 250 calls. */
export async function fitBatch<Outcome extends CallOutcome>(
  payloads: Payloads,
  run: RunRef,
  outcomes: Outcome[],
): Promise<Outcome[]> {
  const inline = outcomes.flatMap((outcome, index) => {
    if (!('output' in outcome) || !outcome.output || !('inline' in outcome.output)) return [];
    return [{ index, outcome, json: outcome.output.inline, bytes: bytesOf(outcome.output.inline) }];
  });
  const room = BATCH_BYTES * Math.ceil(outcomes.length / BATCH_CALLS);
  let total = inline.reduce((sum, { bytes }) => sum + bytes, 0);
  const large = inline
    .toSorted((a, b) => b.bytes - a.bytes)
    .filter(({ bytes }) => {
      if (total <= room) return false;
      total -= bytes;
      return true;
    });
  if (large.length === 0) return outcomes;
  const list = large.map(({ json }) => json);
  const { ref } = await payloads.store(run.orgId, run.runId, list);
  const fitted = [...outcomes];
  for (const [place, { index, outcome, bytes }] of large.entries())
    fitted[index] = { ...outcome, output: { ref, bytes, index: place } };
  return fitted;
}
