import type { DefinitionResources } from '../contracts/definition-resources.js';
import type { FetchedResource } from '../contracts/language-activities.js';
import type { Tx } from './database.js';

/** The published version that a run follows, if its content is that of one. */
const VERSION_OF_RUN = `SELECT r.org_id, r.definition_hash FROM run r JOIN workflow_definition d
  ON d.namespace = split_part(r.workflow, '/', 1)
    AND d.name = split_part(split_part(r.workflow, '/', 2), ':', 1)
    AND d.version = split_part(r.workflow, ':', 2) AND d.hash = r.definition_hash
  WHERE r.id = $1`;

/** What the version that the run follows has read at an address. */
export async function findResource(
  tx: Tx,
  { runId, what, uri }: Parameters<DefinitionResources['find']>[0],
): Promise<FetchedResource | undefined> {
  const [row] = await tx<FetchedResource>(
    `SELECT p.hash, p.document FROM (${VERSION_OF_RUN}) v JOIN definition_resource p USING (org_id, definition_hash)
     WHERE p.what = $2 AND p.uri = $3`,
    [runId, what, uri],
  );
  return row;
}

/** The first to be kept for a version stays; a run of no published version has what it read for itself. */
export async function keepResource(tx: Tx, read: Parameters<DefinitionResources['keep']>[0]): Promise<FetchedResource> {
  const { runId, what, uri, hash, document } = read;
  await tx(
    `INSERT INTO definition_resource (org_id, definition_hash, what, uri, hash, document)
     SELECT org_id, definition_hash, $2, $3, $4, $5::json FROM (${VERSION_OF_RUN}) v ON CONFLICT DO NOTHING`,
    [runId, what, uri, hash, JSON.stringify(document)],
  );
  return (await findResource(tx, read)) ?? { hash, document };
}
