import type { Tx } from './database.js';
import type { Vault } from './vault.js';

/** What came: headers without those that hold signatures and credentials, and the body byte by byte. */
export interface InboundContent {
  headers: Record<string, string>;
  body: Buffer;
}

const cellOf = (orgId: string, column: 'headers' | 'body', rowId: string) => ({
  orgId,
  table: 'inbound_event',
  column,
  rowId,
});

/** Sealed as texts. Bytes travel as Latin-1, which gives each of them back and costs ASCII nothing. */
export async function sealContent(
  tx: Tx,
  vault: Vault,
  orgId: string,
  id: string,
  { headers, body }: InboundContent,
): Promise<{ headers: string; body: string }> {
  return {
    headers: await vault.seal(tx, cellOf(orgId, 'headers', id), JSON.stringify(headers)),
    body: await vault.seal(tx, cellOf(orgId, 'body', id), body.toString('latin1')),
  };
}

/** Fails `secret.unreadable` when it was changed. */
export async function openContent(
  tx: Tx,
  vault: Vault,
  orgId: string,
  { id, headers, body }: { id: string; headers: string; body: string },
): Promise<InboundContent> {
  return {
    headers: JSON.parse(await vault.open(tx, cellOf(orgId, 'headers', id), headers)) as Record<string, string>,
    body: Buffer.from(await vault.open(tx, cellOf(orgId, 'body', id), body), 'latin1'),
  };
}
