import type { TriedUrl } from '../contracts/connector-effects.js';
import type { Connection } from '../contracts/connections.js';
import type { Tx } from './database.js';
import { failUrl, freshUrl, orderUrls, recoverUrl, type UrlHealth } from './url-health.js';

type Several = Pick<Connection, 'id' | 'baseUrls'>;

/** Where a call of the connection goes, the best first; not to `last` where there is another. `turn` counts calls. */
export async function urlsInOrder(tx: Tx, connection: Several, turn: number, last: string | null): Promise<string[]> {
  if (connection.baseUrls.length < 2) return connection.baseUrls;
  const known = await readHealth(tx, connection, '');
  return orderUrls(known, { turn, now: Date.now(), ...(last !== null && { last }) });
}

/** What calls say of the URLs of a connection, in their order. */
export async function learnOfUrls(
  tx: Tx,
  orgId: string,
  connection: Several,
  tried: readonly TriedUrl[],
): Promise<void> {
  if (connection.baseUrls.length < 2) return;
  // Without a failure nothing is new of a URL that does well.
  if (tried.every(({ isFailure }) => !isFailure) && tried.every(isWellIn(await readHealth(tx, connection, '')))) return;
  await tx(`INSERT INTO connection_health (connection_id, org_id, urls) VALUES ($1, $2, '[]') ON CONFLICT DO NOTHING`, [
    connection.id,
    orgId,
  ]);
  const urls = await readHealth(tx, connection, 'FOR UPDATE');
  for (const { url, isFailure } of tried) {
    if (isFailure) failUrl(urls, url, Date.now());
    else recoverUrl(urls, url);
  }
  await tx('UPDATE connection_health SET urls = $2 WHERE connection_id = $1', [connection.id, JSON.stringify(urls)]);
}

const isWellIn =
  (urls: readonly UrlHealth[]) =>
  ({ url }: TriedUrl): boolean =>
    urls.every((one) => one.url !== url || one.failures === 0);

/** Of the URLs that the connection has now. */
async function readHealth(tx: Tx, { id, baseUrls }: Several, lock: '' | 'FOR UPDATE'): Promise<UrlHealth[]> {
  const [row] = await tx<{ urls: UrlHealth[] }>(`SELECT urls FROM connection_health WHERE connection_id = $1 ${lock}`, [
    id,
  ]);
  return baseUrls.map((url) => row?.urls.find((one) => one.url === url) ?? freshUrl(url));
}
