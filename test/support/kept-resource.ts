import type { Definition } from '../../contracts/definition.js';
import { pinnedRun } from '../../contracts/pinned-run.js';
import type { Tx } from '../../database/database.js';
import { keepResource } from '../../database/definition-resources.js';
import { publishDefinition } from '../../database/definitions.repository.js';
import { recordRun } from '../../database/record-run.js';

/** A published version, a run of it, and a schema that the run has read. */
export async function keptResource(tx: Tx, orgId: string, definition: Definition): Promise<void> {
  const hash = 'f00d';
  await publishDefinition(tx, { orgId, definition, hash });
  const start = pinnedRun({ definition, hash }, { input: null });
  const { input } = await recordRun(tx, { orgId, start, definitionHash: hash });
  const read = { what: 'schema', uri: 'https://a.example/s.json', hash: 'x', document: true } as const;
  await keepResource(tx, { orgId, runId: input.runId, ...read });
}
