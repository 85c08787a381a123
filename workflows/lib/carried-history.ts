import type { CarriedHistory } from '../../contracts/workflow-run.js';
import type { Value } from '../../contracts/values.js';
import type { HistoryEntry } from './run-history.js';
import { elements, inlineBytes } from './values.js';

/** The newest of them; nobody is told of more than fits into a context. */
const MOST_ENTRIES = 5_000;
/** Of outputs that are stored together: the input of a history holds 2 MiB, and there are thousands of them. */
const CHUNK_BYTES = 256 * 1_024;

/** What later work may be told, as it travels into a new history; `carry` stores what is large. */
export async function carriedHistory(
  entries: readonly HistoryEntry[],
  carry: (value: Value) => Promise<Value>,
): Promise<CarriedHistory> {
  const newest = entries.slice(-MOST_ENTRIES);
  const outputs: CarriedHistory['outputs'] = [];
  let together: Value[] = [];
  let bytes = 0;
  const store = async () => {
    if (together.length > 0) outputs.push({ many: await carry({ list: together }) });
    [together, bytes] = [[], 0];
  };
  for (const { output } of newest) {
    const size = inlineBytes(output);
    if (bytes + size > CHUNK_BYTES || 'ref' in output) await store();
    if ('ref' in output) outputs.push({ one: output });
    else {
      together.push(output);
      bytes += size;
    }
  }
  await store();
  const told = newest.map((entry) => {
    const { output: _output, ...about } = entry;
    return about;
  });
  return { told, outputs };
}

export function historyFrom({ told, outputs }: CarriedHistory): HistoryEntry[] {
  const values = outputs.flatMap((chunk) => ('one' in chunk ? [chunk.one] : (elements(chunk.many) ?? [])));
  return told.map((about, index) => ({ ...about, output: values[index] as Value }));
}
