import type { AskForTokens, HeldToken } from '../contracts/connector-effects.js';
import { type FreshTokens, needsPerson, type TokenAuth } from '../contracts/connection-auth.js';
import type { Connection } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { Database, Tx } from './database.js';
import type { Vault } from './vault.js';

/** Renewed this long before it expires, a short-lived one after half of its life. */
const MARGIN_MS = 15 * 60_000;
/** An authority that was not there is not asked again sooner. */
const COOL_DOWN_MS = 30_000;

interface Held extends HeldToken {
  refreshToken: string | null;
  expiresAtMs: number;
}

interface Row {
  id: string;
  auth: string;
  tokens: string | null;
  isUsable: boolean | null;
  coolDownMs: number | null;
}

const cell = (orgId: string, column: 'auth' | 'tokens', rowId: string) => ({
  orgId,
  table: 'credential',
  column,
  rowId,
});

/** What an authority gave, sealed. */
export async function keepTokens(
  tx: Tx,
  vault: Vault,
  { orgId, credentialId }: { orgId: string; credentialId: string },
  fresh: FreshTokens,
): Promise<Held> {
  const issuedAtMs = Date.now();
  const next = { ...fresh, issuedAtMs, expiresAtMs: issuedAtMs + fresh.lifeMs };
  const usableMs = fresh.lifeMs - Math.min(fresh.marginMs ?? MARGIN_MS, fresh.lifeMs / 2);
  const sealed = await vault.seal(tx, cell(orgId, 'tokens', credentialId), JSON.stringify(next));
  await tx(
    `UPDATE credential SET tokens = $2, tokens_issued_at = $3, cool_down_until = NULL,
       tokens_usable_until = clock_timestamp() + $4 * interval '1 ms' WHERE id = $1`,
    [credentialId, sealed, new Date(issuedAtMs), usableMs],
  );
  return next;
}

/** Tokens that authorities give to connections, renewed by one caller of all workers, under the lock of the credential. */
export class CredentialTokens {
  /** Callers of this process share one place in the queue for the lock. */
  private readonly asked = new Map<string, Promise<HeldToken>>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /** Fails as `ask` does when there is no token that still lives. */
  usable(
    orgId: string,
    connection: Pick<Connection, 'id' | 'credentialVersion'>,
    ask: AskForTokens,
  ): Promise<HeldToken> {
    const name = `${connection.id}/${connection.credentialVersion}`;
    const known = this.asked.get(name);
    if (known) return known;
    const asked = this.read(orgId, connection, ask).finally(() => this.asked.delete(name));
    this.asked.set(name, asked);
    return asked;
  }

  /** The system refused this token: the next one is a new one. */
  async forget(orgId: string, { id }: Pick<Connection, 'id'>, { issuedAtMs }: HeldToken): Promise<void> {
    await this.database.inOrg(orgId, (tx) =>
      tx(`UPDATE credential SET tokens_usable_until = NULL WHERE connection_id = $1 AND tokens_issued_at = $2`, [
        id,
        new Date(issuedAtMs),
      ]),
    );
  }

  private async read(
    orgId: string,
    { id, credentialVersion }: Pick<Connection, 'id' | 'credentialVersion'>,
    ask: AskForTokens,
  ): Promise<HeldToken> {
    const got = await this.database.inOrg(orgId, async (tx) => {
      const [row] = await tx<Row>(
        `SELECT id, auth, tokens, tokens_usable_until > clock_timestamp() AS "isUsable",
           ceil(extract(epoch FROM cool_down_until - clock_timestamp()) * 1000)::float8 AS "coolDownMs"
         FROM credential WHERE connection_id = $1 AND version = $2 FOR UPDATE`,
        [id, credentialVersion],
      );
      if (!row) throw new BrikkError('connection.not_usable', 'The connection has no credential');
      const held = await this.open(tx, orgId, row);
      return held && row.isUsable === true ? { held } : this.renew(tx, orgId, row, held, ask);
    });
    if ('held' in got) return got.held;
    throw got.failure;
  }

  /** What was given is kept in the transaction that asked for it: a token that is used once is not lost. */
  private async renew(
    tx: Tx,
    orgId: string,
    row: Row,
    held: Held | undefined,
    ask: AskForTokens,
  ): Promise<{ held: Held } | { failure: unknown }> {
    // One that was forgotten has no time any more.
    const isAlive = held !== undefined && row.isUsable !== null && held.expiresAtMs > Date.now();
    if (row.coolDownMs !== null && row.coolDownMs > 0) {
      const retryAfterMs = row.coolDownMs;
      if (isAlive) return { held };
      return { failure: new BrikkError('connector.unavailable', 'The authority was not there', { retryAfterMs }) };
    }
    const auth = JSON.parse(await this.vault.open(tx, cell(orgId, 'auth', row.id), row.auth)) as TokenAuth;
    const refreshToken = held?.refreshToken ?? (auth.kind === 'oauth2' ? auth.refreshToken : undefined);
    // Nothing but a person gives another.
    if (isAlive && refreshToken === undefined && needsPerson(auth)) return { held };
    try {
      const fresh = await ask(auth, refreshToken === undefined ? undefined : { refreshToken });
      return { held: await keepTokens(tx, this.vault, { orgId, credentialId: row.id }, fresh) };
    } catch (failure) {
      if (!(failure instanceof BrikkError) || failure.code !== 'connector.unavailable') return { failure };
      const waitMs = Math.max(COOL_DOWN_MS, failure.retryAfterMs ?? 0);
      await tx(`UPDATE credential SET cool_down_until = clock_timestamp() + $2 * interval '1 ms' WHERE id = $1`, [
        row.id,
        waitMs,
      ]);
      return isAlive ? { held } : { failure };
    }
  }

  private async open(tx: Tx, orgId: string, { id, tokens }: Row): Promise<Held | undefined> {
    if (tokens === null) return undefined;
    return JSON.parse(await this.vault.open(tx, cell(orgId, 'tokens', id), tokens)) as Held;
  }
}
