import type pg from 'pg';

/** Statements inside one transaction: each gives its rows. Texts are constants, values are parameters. */
export interface Tx {
  <Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The organisation whose rows exist here; undefined for sweepers. */
  readonly orgId: string | undefined;
}

/** Statements on one connection until `end`, prepared by their text, so that each is parsed and planned once a connection. */
export function statementsOn(client: pg.ClientBase, orgId: string | undefined): { tx: Tx; end: () => void } {
  let isOver = false;
  const run = async <Row extends object>(text: string, values?: unknown[]) => {
    if (isOver) throw new Error('the transaction is over');
    return (await client.query<Row>({ text, values, name: nameOf(text) })).rows;
  };
  return { tx: Object.assign(run, { orgId }), end: () => (isOver = true) };
}

/** Goes on in another organisation for a while, inside the same transaction. */
export async function asOrg<T>(tx: Tx, orgId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (tx.orgId === orgId) return work(tx);
  const enter = (id: string | undefined) => tx(`SELECT set_config('app.org', $1, true)`, [id ?? '']);
  await enter(orgId);
  const result = await work(
    Object.assign(<Row extends object>(text: string, values?: unknown[]) => tx<Row>(text, values), { orgId }),
  );
  await enter(tx.orgId);
  return result;
}

const MAX_NAMES = 1_000;
const names = new Map<string, string>();

/** Undefined, which is not prepared, for texts beyond what constants can account for. */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MAX_NAMES) return known;
  const name = `brikk_${names.size}`;
  names.set(text, name);
  return name;
}
