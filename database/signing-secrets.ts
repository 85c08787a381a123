import { BrikkError } from '../contracts/errors.js';
import type { Database } from './database.js';
import { openKept, signingCell } from './kept-secret.js';
import { isSealed } from './seal.js';
import type { Cell, Vault } from './vault.js';

const MAX_KNOWN = 10_000;

/** What requests to agents are signed with: opened once by each process. */
export class SigningSecrets {
  /** By what was kept, too: nothing is ever out of date. */
  readonly #opened = new Map<string, string>();
  /** Organisations whose key is being read: a thousand first calls at once wait for one. */
  readonly #reading = new Map<string, Promise<unknown>>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /**
   * Of an agent, from what is kept for it; no promise once the organisation's key is known. Fails `agent.permanent` when it does not open,
   * so that another agent is asked, and `dependency.unavailable` without the master key.
   */
  open(orgId: string, agentId: string, kept: string): string | Promise<string> {
    const name = `${agentId}/${kept}`;
    return this.#opened.get(name) ?? this.opened(name, signingCell(orgId, agentId), kept);
  }

  private opened(name: string, cell: Cell, kept: string): string | Promise<string> {
    const secret = isSealed(kept) ? unlessUnreadable(() => this.vault.openAtOnce(cell, kept)) : kept;
    if (secret === undefined) return this.read(cell, kept);
    if (this.#opened.size >= MAX_KNOWN) this.#opened.clear();
    this.#opened.set(name, secret);
    return secret;
  }

  private async read(cell: Cell, kept: string): Promise<string> {
    const before = this.#reading.get(cell.orgId);
    if (before) {
      await before.catch(() => undefined);
      const known = unlessUnreadable(() => this.vault.openAtOnce(cell, kept));
      if (known !== undefined) return known;
    }
    const reading = this.database.inOrg(cell.orgId, async (tx) => openKept(tx, this.vault, cell, kept));
    this.#reading.set(cell.orgId, reading);
    try {
      return await reading;
    } catch (error) {
      return unlessUnreadable(() => {
        throw error;
      });
    } finally {
      if (this.#reading.get(cell.orgId) === reading) this.#reading.delete(cell.orgId);
    }
  }
}

function unlessUnreadable<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof BrikkError && cause.code === 'secret.unreadable')) throw cause;
    throw new BrikkError('agent.permanent', 'The signing secret of the agent does not open', { cause });
  }
}
