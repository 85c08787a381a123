import { BrikkError } from '../contracts/errors.js';
import type { Database } from './database.js';
import { openKept, signingCell } from './kept-secret.js';
import type { Vault } from './vault.js';

const MAX_KNOWN = 10_000;

/** What requests to agents are signed with: opened once by each process. */
export class SigningSecrets {
  readonly #opened = new Map<string, string>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /**
   * Of an agent, from what is kept for it; no promise once it was opened. Fails `agent.permanent` when it does not open, so
   * that another agent is asked, and `dependency.unavailable` without the master key.
   */
  open(orgId: string, agentId: string, kept: string): string | Promise<string> {
    // By what was kept, too: nothing is ever out of date.
    const name = `${orgId}/${agentId}/${kept}`;
    return this.#opened.get(name) ?? this.read(name, { orgId, agentId, kept });
  }

  private async read(
    name: string,
    { orgId, agentId, kept }: { orgId: string; agentId: string; kept: string },
  ): Promise<string> {
    const work = this.database.inOrg(orgId, async (tx) => openKept(tx, this.vault, signingCell(orgId, agentId), kept));
    const secret = await work.catch((cause: unknown) => {
      if (!(cause instanceof BrikkError && cause.code === 'secret.unreadable')) throw cause;
      throw new BrikkError('agent.permanent', 'The signing secret of the agent does not open', { cause });
    });
    if (this.#opened.size >= MAX_KNOWN) this.#opened.clear();
    this.#opened.set(name, secret);
    return secret;
  }
}
