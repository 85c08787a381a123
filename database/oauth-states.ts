import { createHash, randomBytes } from 'node:crypto';
import type { OAuthCode, PersonGrant } from '../contracts/connection-auth.js';
import { needsPerson } from '../contracts/connection-auth.js';
import { BrikkError } from '../contracts/errors.js';
import { isAllowed } from '../contracts/permissions.js';
import { findLiveKey } from './api-keys.repository.js';
import { findConnection, openCredential } from './connections.repository.js';
import type { Tx } from './database.js';
import { isUuid } from './uuid.js';
import type { Vault } from './vault.js';

const LIFE_MS = 10 * 60_000;
const SECRET_BYTES = 32;

export interface StateTerms {
  connectionId: string;
  /** The key that asks; it must still be good when the person has agreed. */
  askedBy: string;
  redirectUri: string;
}

/** What a person is asked with. */
export interface StartedState {
  state: string;
  /** PKCE (RFC 7636), S256. */
  codeChallenge: string;
  auth: PersonGrant;
  expiresAt: Date;
}

/** An agreement whose state was used: `code` is told to nobody before. */
export interface UsedState {
  stateHash: string;
  connectionId: string;
  askedBy: string;
}

const cell = (orgId: string, column: 'verifier' | 'code', rowId: string) => ({
  orgId,
  table: 'oauth_state',
  column,
  rowId,
});
const hashOf = (state: string): string => createHash('sha256').update(state).digest('hex');

/** A state that is good once, for ten minutes. Fails `connection.not_found` and `connection.not_usable`. */
export async function startState(tx: Tx, vault: Vault, orgId: string, terms: StateTerms): Promise<StartedState> {
  const { connectionId, askedBy, redirectUri } = terms;
  const connection = await findConnection(tx, connectionId);
  const auth = connection.credentialVersion === 0 ? undefined : await openCredential(tx, vault, orgId, connection);
  if (!auth || !needsPerson(auth))
    throw new BrikkError(
      'connection.not_usable',
      `The connection ${connection.name} needs no agreement: that is for oauth2 with the grant authorization_code`,
    );
  // Whose it is can be read in it, so that nothing is looked for outside of an organisation.
  const state = `${Buffer.from(orgId.replaceAll('-', ''), 'hex').toString('base64url')}.${randomText()}`;
  const verifier = randomText();
  const stateHash = hashOf(state);
  const expiresAt = new Date(Date.now() + LIFE_MS);
  await tx('DELETE FROM oauth_state WHERE expires_at < now()');
  await tx(
    `INSERT INTO oauth_state (state_hash, org_id, connection_id, credential_version, asked_by, redirect_uri, verifier,
       expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      stateHash,
      orgId,
      connectionId,
      connection.credentialVersion,
      askedBy,
      redirectUri,
      await vault.seal(tx, cell(orgId, 'verifier', stateHash), verifier),
      expiresAt,
    ],
  );
  const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
  return { state, codeChallenge, auth, expiresAt };
}

/** Whose organisation a state says that it is of; undefined: it is none. */
export function orgOfState(state: string): string | undefined {
  const hex = Buffer.from(state.split('.')[0] ?? '', 'base64url').toString('hex');
  const orgId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isUuid(orgId) ? orgId : undefined;
}

/** Takes a state, whatever came of it, and keeps its code sealed. Fails `oauth.state_invalid`, with no more to be learned. */
export async function takeState(
  tx: Tx,
  vault: Vault,
  orgId: string,
  { state, code }: { state: string; code?: string | undefined },
): Promise<UsedState> {
  const stateHash = hashOf(state);
  const sealed = code === undefined ? null : await vault.seal(tx, cell(orgId, 'code', stateHash), code);
  const [row] = await tx<UsedState>(
    `UPDATE oauth_state SET used_at = clock_timestamp(), code = $2
     WHERE state_hash = $1 AND used_at IS NULL AND expires_at > clock_timestamp()
     RETURNING state_hash AS "stateHash", connection_id AS "connectionId", asked_by AS "askedBy"`,
    [stateHash, sealed],
  );
  if (!row) throw unknownState();
  const key = await findLiveKey(tx, row.askedBy);
  if (!key || !isAllowed(key, 'connection:write')) throw unknownState();
  return row;
}

/** The code of a state that was taken: once. Fails `oauth.state_invalid`, also when there is another credential by now. */
export async function takeCode(
  tx: Tx,
  vault: Vault,
  orgId: string,
  stateHash: string,
): Promise<UsedState & { auth: PersonGrant; credentialVersion: number; proof: OAuthCode }> {
  const [row] = await tx<
    UsedState & { redirectUri: string; verifier: string; code: string; credentialVersion: number }
  >(
    `DELETE FROM oauth_state WHERE state_hash = $1 AND code IS NOT NULL
     RETURNING state_hash AS "stateHash", connection_id AS "connectionId", asked_by AS "askedBy",
       credential_version AS "credentialVersion", redirect_uri AS "redirectUri", verifier, code`,
    [stateHash],
  );
  if (!row) throw unknownState();
  const { redirectUri, verifier, code, ...used } = row;
  const connection = await findConnection(tx, row.connectionId);
  if (connection.credentialVersion !== row.credentialVersion) throw unknownState();
  const auth = await openCredential(tx, vault, orgId, connection);
  if (!needsPerson(auth)) throw unknownState();
  return {
    ...used,
    auth,
    proof: {
      redirectUri,
      code: await vault.open(tx, cell(orgId, 'code', stateHash), code),
      verifier: await vault.open(tx, cell(orgId, 'verifier', stateHash), verifier),
    },
  };
}

const randomText = (): string => randomBytes(SECRET_BYTES).toString('base64url');

const unknownState = () =>
  new BrikkError(
    'oauth.state_invalid',
    'Nobody waits for this agreement: it was used, is too old, or was never asked for',
  );
