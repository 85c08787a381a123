import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { Database, Tx } from './database.js';
import { callbackCell, keepSecret, openKept } from './kept-secret.js';
import { isSealed } from './seal.js';
import type { Vault } from './vault.js';

const KEY_BYTES = 32;

/** The keys that callback tokens are signed with, one for each organisation; read once by each process. */
export class CallbackKeys {
  readonly #known = new Map<string, KeyObject>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /** Without looking it up. */
  known(orgId: string): KeyObject | undefined {
    return this.#known.get(orgId);
  }

  /** Undefined when nothing was ever signed for this organisation, or there is none. */
  async find(orgId: string): Promise<KeyObject | undefined> {
    return this.known(orgId) ?? this.keep(orgId, await this.database.inOrg(orgId, (tx) => this.read(tx, orgId)));
  }

  /** Made when it is needed first; all processes find the same. */
  async make(orgId: string): Promise<KeyObject | undefined> {
    const known = this.known(orgId);
    if (known) return known;
    const secret = await this.database.inOrg(orgId, async (tx) => {
      const made = randomBytes(KEY_BYTES).toString('base64');
      const kept = await keepSecret(tx, this.vault, callbackCell(orgId), made);
      await tx('INSERT INTO callback_key (org_id, secret, is_sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
        orgId,
        kept,
        isSealed(kept),
      ]);
      return this.read(tx, orgId);
    });
    return this.keep(orgId, secret);
  }

  private async read(tx: Tx, orgId: string): Promise<string | undefined> {
    const [row] = await tx<{ secret: string }>('SELECT secret FROM callback_key');
    return row && openKept(tx, this.vault, callbackCell(orgId), row.secret);
  }

  private keep(orgId: string, secret: string | undefined): KeyObject | undefined {
    if (secret === undefined) return undefined;
    const key = createSecretKey(Buffer.from(secret, 'base64'));
    this.#known.set(orgId, key);
    return key;
  }
}
