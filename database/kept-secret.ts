import type { Tx } from './database.js';
import { isSealed } from './seal.js';
import type { Cell, Vault } from './vault.js';

/**
 * A secret that Brikk has made, as it is kept: sealed. Where there is no master key it stays as it is, since agents need
 * none, until `sealKept` finds it.
 */
export function keepSecret(tx: Tx, vault: Vault, cell: Cell, secret: string): Promise<string> | string {
  return vault.canSeal ? vault.seal(tx, cell, secret) : secret;
}

/** Fails `secret.unreadable` when it was changed, `dependency.unavailable` without the master key that it was sealed under. */
export function openKept(tx: Tx, vault: Vault, cell: Cell, kept: string): Promise<string> | string {
  return isSealed(kept) ? vault.open(tx, cell, kept) : kept;
}

export const signingCell = (orgId: string, agentId: string): Cell => ({
  orgId,
  table: 'agent',
  column: 'signing_secret',
  rowId: agentId,
});

export const callbackCell = (orgId: string): Cell => ({
  orgId,
  table: 'callback_key',
  column: 'secret',
  rowId: orgId,
});
