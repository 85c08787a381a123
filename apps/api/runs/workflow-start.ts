import type { AcceptableRun, StartBody } from '../../../contracts/start-run.js';
import { findDefinition } from '../../../database/definitions.repository.js';
import type { Tx } from '../../../database/database.js';
import { checked, contentHash } from '../workflows/checked-definition.js';

/** The interpreter that new runs are pinned to. */
const INTERPRETER = 1;

/**
 * What is accepted for a body: a definition is pinned with its content hash and the interpreter's version. Fails
 * `workflow.invalid`, and `workflow.not_found` for one that was never published.
 */
export async function toAcceptable(
  body: StartBody,
  inOrg: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
): Promise<AcceptableRun> {
  if ('pattern' in body) return body;
  if ('definition' in body) {
    const { definition, ...rest } = body;
    return pinned(checked(definition).definition, contentHash(definition), rest);
  }
  const { workflow, ...rest } = body;
  const [, namespace = '', name = '', version] = /^([^/]+)\/([^:]+)(?::(.+))?$/.exec(workflow) ?? [];
  const wanted = version === 'latest' ? undefined : version;
  const { definition, hash } = await inOrg((tx) => findDefinition(tx, namespace, name, wanted));
  return pinned(definition, hash, rest);
}

type Pinned = Extract<AcceptableRun, { pattern: 'workflow' }>;

const pinned = (
  definition: Pinned['with']['definition'],
  hash: string,
  rest: Omit<Pinned, 'pattern' | 'with'>,
): Pinned => ({ pattern: 'workflow', with: { definition, hash, interpreter: INTERPRETER }, ...rest });
