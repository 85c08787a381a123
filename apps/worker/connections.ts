import type { Connections } from '../../activities/dependencies.js';
import { BrikkError } from '../../contracts/errors.js';
import type { Connection } from '../../contracts/connections.js';
import { audit, type AuditEntry } from '../../database/audit.repository.js';
import {
  connectionFor,
  findConnection,
  noteRefusal,
  openCredential,
  openPrevious,
  putCredential,
  refuseCredential,
} from '../../database/connections.repository.js';
import { countBreakerMoves } from '../../database/breaker-changes.js';
import { passBreaker, reportToBreaker } from '../../database/breakers.repository.js';
import { AskTogether } from '../../database/ask-together.js';
import { askForTurns, leaveQueue, resumeQueued, type TurnRequest } from '../../database/connection-queue.js';
import { isLimited } from '../../database/connection-queue-rules.js';
import { claimEffect, endSend, isFinished } from '../../database/connector-calls.repository.js';
import { learnOfUrls, urlsInOrder } from '../../database/connection-urls.js';
import { CredentialTokens } from '../../database/credential-tokens.js';
import type { Database } from '../../database/database.js';
import { takeCode } from '../../database/oauth-states.js';
import type { Vault } from '../../database/vault.js';
import { announce, breakerNews } from '../../database/webhook-announcements.js';

/** Connections as the activities use them: each use of a credential is an entry of the audit chain, in the same transaction. */
export function connections(database: Database, vault: Vault): Connections {
  const turns = new AskTogether((_id, asked: (TurnRequest & { orgId: string; connection: Connection })[]) => {
    const { orgId, connection } = asked[0] as (typeof asked)[0];
    return database.inOrg(orgId, (tx) => askForTurns(tx, orgId, connection, asked));
  });
  const tokens = new CredentialTokens(database, vault);
  /** Of this worker's calls: those to several URLs go by it. */
  let turn = Math.floor(Math.random() * 1_000);
  return {
    token: (orgId, connection, ask) => tokens.usable(orgId, connection, ask),
    forgetToken: (orgId, connection, token) => tokens.forget(orgId, connection, token),
    async enter({ orgId, runId }, connection, { key, callKey, holdMs }) {
      const { id } = connection;
      const known = await database.inOrg(orgId, (tx) => isFinished(tx, { connectionId: id, key }));
      if (known) return { isOpen: true, failures: 0 };
      if (isLimited(connection)) {
        const waitMs = await turns.ask(id, { runId, callKey, holdMs, orgId, connection });
        if (waitMs !== undefined) return { isOpen: false, code: 'connector.rate_limited', waitMs };
      }
      const [passage] = await database.inOrg(orgId, (tx) =>
        Promise.all([
          passBreaker(tx, targetOf(id)),
          !isLimited(connection) && resumeQueued(tx, { connectionId: id, runId, callKey }, holdMs),
        ]),
      );
      if (passage.state !== 'open') return { isOpen: true, failures: passage.failures };
      return { isOpen: false, code: 'connector.circuit_open', waitMs: passage.leftMs };
    },
    putOff: ({ orgId, runId }, { id }, { callKey }, waitMs) =>
      database.inOrg(orgId, (tx) => leaveQueue(tx, orgId, { connectionId: id, runId, callKey }, waitMs)),
    leave: async (orgId, connection, { failures }, { isFailure, tried }) => {
      const { id, name, baseUrls } = connection;
      const isQuiet = !isFailure && failures === 0;
      if (isQuiet && baseUrls.length < 2) return;
      await database.inOrg(orgId, async (tx) => {
        await learnOfUrls(tx, orgId, connection, tried);
        if (isQuiet) return;
        const target = targetOf(id);
        if (!(await reportToBreaker(tx, orgId, target, isFailure))) return;
        const move = isFailure ? 'open' : 'closed';
        await announce(tx, orgId, [breakerNews(target, { connection: name }, move)]);
        await countBreakerMoves(tx, orgId, 'connector', [move]);
      });
    },
    find: (orgId, wanted) => database.inOrg(orgId, async (tx) => usable(await connectionFor(tx, wanted))),
    load: (orgId, id) => database.inOrg(orgId, (tx) => findConnection(tx, id)),
    claim: ({ orgId, runId, path }, { id }, effect) =>
      database.inOrg(orgId, async (tx) => {
        const claim = await claimEffect(tx, { orgId, runId, connectionId: id, ...effect });
        if (claim.state !== 'mine') return claim;
        // As it is now: it may have been refused or revoked meanwhile.
        const connection = usable(await findConnection(tx, id));
        const auth = await openCredential(tx, vault, orgId, connection);
        const previous = await openPrevious(tx, vault, orgId, connection);
        const actor = { type: 'run' as const, id: runId, via: path };
        await audit(tx, used(connection, { orgId, actor, requestId: runId }));
        turn += 1;
        return {
          ...claim,
          auth,
          ...(previous && { previous }),
          baseUrls: await urlsInOrder(tx, connection, turn, claim.lastUrl),
        };
      }),
    replace: ({ orgId, runId }, { id }, effect) =>
      database.inOrg(orgId, async (tx) => {
        const claim = await claimEffect(tx, { orgId, runId, connectionId: id, ...effect });
        if (claim.state !== 'mine') return claim.state === 'replaced';
        await Promise.all([
          endSend(tx, { connectionId: id, key: effect.key }, { state: 'replaced' }),
          leaveQueue(tx, orgId, { connectionId: id, runId, callKey: effect.callKey }),
        ]);
        return true;
      }),
    open: (orgId, { id }, by) =>
      database.inOrg(orgId, async (tx) => {
        const connection = usable(await findConnection(tx, id));
        const auth = await openCredential(tx, vault, orgId, connection);
        const actor = { type: 'api-key' as const, id: by.id, via: 'test' };
        await audit(tx, used(connection, { orgId, actor, requestId: by.requestId }));
        return auth;
      }),
    async authorize(orgId, stateHash, ask) {
      const { auth, proof, ...used } = await database.inOrg(orgId, (tx) => takeCode(tx, vault, orgId, stateHash));
      const tokens = await ask(auth, proof);
      return database.inOrg(orgId, async (tx) => {
        const { id, credentialVersion, expiresAt } = await findConnection(tx, used.connectionId, 'FOR UPDATE');
        if (credentialVersion !== used.credentialVersion)
          throw new BrikkError('oauth.state_invalid', 'The connection was given another credential meanwhile');
        const actor = { type: 'api-key' as const, id: used.askedBy, via: 'oauth' };
        const action = 'connection.authorized';
        await audit(tx, { orgId, actor, action, target: id, outcome: 'ok', requestId: id });
        return putCredential(tx, vault, orgId, id, { auth, tokens, ...(expiresAt !== null && { expiresAt }) });
      });
    },
    end: ({ orgId, runId }, { id: connectionId }, { key, callKey }, ended) =>
      database.inOrg(orgId, async (tx) => {
        await Promise.all([
          endSend(tx, { connectionId, key }, ended),
          leaveQueue(tx, orgId, { connectionId, runId, callKey }, ended.holdMs),
        ]);
      }),
    fellBack: ({ orgId, runId, path }, connection, reason) =>
      database.inOrg(orgId, async (tx) => {
        await noteRefusal(tx, connection, `The new credential was refused, and the one before it taken: ${reason}`);
        const actor = { type: 'run' as const, id: runId, via: path };
        const action = 'connection.previous_credential_used';
        await audit(tx, { ...used(connection, { orgId, actor, requestId: runId }), action });
      }),
    refuse: (orgId, { id, name, credentialVersion }, reason) =>
      database.inOrg(orgId, async (tx) => {
        if (!(await refuseCredential(tx, id, credentialVersion, reason))) return;
        const actor = { type: 'system' as const, id: 'worker', via: 'connector' };
        const action = 'connection.needs_reauth' as const;
        await audit(tx, { orgId, actor, action, target: name, outcome: 'failed', requestId: id });
        const data = { connectionId: id, connection: name, reason };
        await announce(tx, orgId, [{ type: action, data, orderingKey: targetOf(id) }]);
      }),
  };
}

const targetOf = (connectionId: string): string => `connector:${connectionId}`;

/** Fails `connection.not_usable`, and says why. */
function usable(connection: Connection): Connection {
  const { name, status, lastError } = connection;
  if (status === 'active') return connection;
  const why = { pending: 'waits for an agreement', needs_reauth: 'needs a new credential', revoked: 'was revoked' }[
    status
  ];
  const said = lastError === null ? '' : `: ${lastError}`;
  throw new BrikkError('connection.not_usable', `The connection ${name} ${why}${said}`);
}

const used = ({ name }: Connection, by: Pick<AuditEntry, 'orgId' | 'actor' | 'requestId'>): AuditEntry => ({
  ...by,
  action: 'connection.used',
  target: name,
  outcome: 'ok',
});
