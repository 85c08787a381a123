import { BrikkError } from '../contracts/errors.js';
import type { EffectEnd, EffectRequest } from '../contracts/connector-effects.js';
import type { Value } from '../contracts/values.js';
import type { Database, Tx } from './database.js';
import type { ConnectorCallRow } from './entities/connection.entity.js';

/** An effect and the call that asks for it. */
interface ClaimedEffect extends EffectRequest {
  orgId: string;
  connectionId: string;
  runId: string;
}

export type ClaimedKey =
  | { state: 'finished'; output: Value }
  | { state: 'held' }
  | { state: 'replaced' }
  | { state: 'mine'; isUnknown: boolean; sends: number; startedAt: Date; lastUrl: string | null };

type Known = Pick<
  ConnectorCallRow,
  'state' | 'requestHash' | 'runId' | 'callKey' | 'sends' | 'output' | 'startedAt' | 'baseUrl'
> & {
  isHeld: boolean;
};

const COLUMNS = `state, request_hash AS "requestHash", run_id AS "runId", call_key AS "callKey", sends, output,
  base_url AS "baseUrl", started_at AS "startedAt", held_until > clock_timestamp() AS "isHeld"`;

/** Puts the effect on record, before it is sent. Fails `connector.conflict` when the key was used for something else. */
export async function claimEffect(tx: Tx, effect: ClaimedEffect): Promise<ClaimedKey> {
  const { orgId, connectionId, key, requestHash, runId, callKey, holdMs } = effect;
  const [fresh] = await tx<{ startedAt: Date }>(
    `INSERT INTO connector_call (org_id, connection_id, key, function, request_hash, run_id, call_key, state, sends, held_until)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'started', 1, clock_timestamp() + $8 * interval '1 ms')
     ON CONFLICT (connection_id, key) DO NOTHING RETURNING started_at AS "startedAt"`,
    [orgId, connectionId, key, effect.function, requestHash, runId, callKey, holdMs],
  );
  if (fresh) return { state: 'mine', isUnknown: false, sends: 1, startedAt: fresh.startedAt, lastUrl: null };
  const [known] = (await tx<Known>(
    `SELECT ${COLUMNS} FROM connector_call WHERE connection_id = $1 AND key = $2 FOR UPDATE`,
    [connectionId, key],
  )) as [Known];
  if (known.requestHash !== requestHash)
    throw new BrikkError('connector.conflict', 'The idempotency key was used for something else on this connection');
  if (known.state === 'finished') return { state: 'finished', output: known.output as Value };
  if (known.state === 'replaced') return { state: 'replaced' };
  const isMine = known.runId === runId && known.callKey === callKey;
  if (known.isHeld && !isMine && known.state !== 'failed') return { state: 'held' };
  const [taken] = await tx<{ sends: number }>(
    `UPDATE connector_call SET state = 'started', sends = CASE WHEN state = 'failed' THEN 1 ELSE sends + 1 END,
       run_id = $3, call_key = $4, error_class = NULL, updated_at = clock_timestamp(),
       held_until = clock_timestamp() + $5 * interval '1 ms'
     WHERE connection_id = $1 AND key = $2 RETURNING sends`,
    [connectionId, key, runId, callKey, holdMs],
  );
  const isUnknown = known.state === 'started';
  const { startedAt, baseUrl: lastUrl } = known;
  return { state: 'mine', isUnknown, sends: taken?.sends ?? 1, startedAt, lastUrl };
}

/** Whether there is an output for the key, so that nothing goes out. */
export async function isFinished(
  tx: Tx,
  { connectionId, key }: Pick<ClaimedEffect, 'connectionId' | 'key'>,
): Promise<boolean> {
  const rows = await tx(`SELECT FROM connector_call WHERE connection_id = $1 AND key = $2 AND state = 'finished'`, [
    connectionId,
    key,
  ]);
  return rows.length > 0;
}

/** A send has an end, whatever it is. */
export async function endSend(
  tx: Tx,
  { connectionId, key }: Pick<ClaimedEffect, 'connectionId' | 'key'>,
  { state, output, externalId, errorClass, baseUrl, holdMs = 0 }: EffectEnd,
): Promise<void> {
  await tx(
    `UPDATE connector_call SET state = $3, output = $4, external_id = $5, error_class = $6,
       base_url = coalesce($8, base_url), held_until = clock_timestamp() + $7 * interval '1 ms', updated_at = clock_timestamp()
     WHERE connection_id = $1 AND key = $2`,
    [
      connectionId,
      key,
      state,
      output === undefined ? null : JSON.stringify(output),
      externalId ?? null,
      errorClass ?? null,
      holdMs,
      baseUrl ?? null,
    ],
  );
}

/** Keys are known for this long, and a call that did not come back keeps its turn. */
const FORGOTTEN = {
  connector_call: `updated_at < now() - interval '30 days'`,
  connection_queue: `until < now() - interval '1 day'`,
};

export async function sweepConnectorCalls(database: Database): Promise<void> {
  for (const [table, isForgotten] of Object.entries(FORGOTTEN)) {
    const orgs = await database.asDispatch((tx) =>
      tx<{ orgId: string }>(`SELECT DISTINCT org_id AS "orgId" FROM ${table} WHERE ${isForgotten} LIMIT 100`),
    );
    for (const { orgId } of orgs) await database.inOrg(orgId, (tx) => tx(`DELETE FROM ${table} WHERE ${isForgotten}`));
  }
}
