import { BrikkError } from '../contracts/errors.js';
import { AskTogether } from './ask-together.js';
import type { Database, Tx } from './database.js';
import { signingCell } from './kept-secret.js';
import { isSealed } from './seal.js';
import { type Cell, isUnreadable, type Vault } from './vault.js';

const MAX_KNOWN = 10_000;

interface Kept {
  cell: Cell;
  text: string;
}

/** What requests to agents are signed with: opened once by each process. */
export class SigningSecrets {
  /** By what was kept, too: nothing is ever out of date. */
  readonly #opened = new Map<string, string>();
  /** Of organisations whose key is not in memory: a thousand first calls at once read it once. */
  readonly #reading: AskTogether<Kept, () => string>;

  constructor(
    database: Database,
    private readonly vault: Vault,
  ) {
    this.#reading = new AskTogether((orgId, asked) => database.inOrg(orgId, (tx) => openEach(tx, vault, asked)));
  }

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
    if (secret === undefined) return this.#reading.ask(cell.orgId, { cell, text: kept }).then(unlessUnreadable);
    if (this.#opened.size >= MAX_KNOWN) this.#opened.clear();
    this.#opened.set(name, secret);
    return secret;
  }
}

/** One after the other, so that the first reads the key for all; what does not open fails for itself alone. */
async function openEach(tx: Tx, vault: Vault, asked: readonly Kept[]): Promise<(() => string)[]> {
  const opened: (() => string)[] = [];
  for (const { cell, text } of asked)
    opened.push(
      await vault.open(tx, cell, text).then(
        (secret) => () => secret,
        (error: unknown) => {
          if (!isUnreadable(error)) throw error;
          return () => {
            throw error;
          };
        },
      ),
    );
  return opened;
}

function unlessUnreadable<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!isUnreadable(cause)) throw cause;
    throw new BrikkError('agent.permanent', 'The signing secret of the agent does not open', { cause });
  }
}
