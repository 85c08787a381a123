import { isDeepStrictEqual } from 'node:util';
import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import type { AgentTemplate, PutAgentTemplate } from '../contracts/pools.js';
import { AGENT_CHANNEL } from './agent-probes.js';
import { decodeCursor, isName, toPage } from './cursor.js';
import type { Tx } from './database.js';

interface TemplateRow {
  name: string;
  version: number;
  settings: PutAgentTemplate;
  createdAt: Date;
  updatedAt: Date;
}

const COLUMNS = `name, version, settings, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** A new template, or a new version of one, to which the members of its pools are brought. */
export async function putAgentTemplate(
  tx: Tx,
  orgId: string,
  name: string,
  settings: PutAgentTemplate,
): Promise<{ template: AgentTemplate; isNew: boolean }> {
  const [known] = await tx<TemplateRow>(`SELECT ${COLUMNS} FROM agent_template WHERE name = $1 FOR UPDATE`, [name]);
  if (known && isDeepStrictEqual(known.settings, JSON.parse(JSON.stringify(settings))))
    return { template: show(known), isNew: false };
  const [row] = await tx<TemplateRow & { isNew: boolean }>(
    `INSERT INTO agent_template AS t (org_id, name, settings) VALUES ($1, $2, $3)
     ON CONFLICT (org_id, name) DO UPDATE SET settings = excluded.settings, version = t.version + 1, updated_at = now()
     RETURNING ${COLUMNS}, xmax = 0 AS "isNew"`,
    [orgId, name, JSON.stringify(settings)],
  );
  await tx(`SELECT pg_notify('${AGENT_CHANNEL}', '')`);
  const { isNew, ...template } = row!;
  return { template: show(template), isNew };
}

/** By name. */
export async function listAgentTemplates(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<AgentTemplate>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, isName);
  const rows = await tx<TemplateRow>(
    `SELECT ${COLUMNS} FROM agent_template WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2`,
    [after, limit + 1],
  );
  return toPage(rows, limit, ({ name }) => name, show);
}

/** Fails `template.not_found`. */
export async function readAgentTemplate(tx: Tx, name: string): Promise<AgentTemplate> {
  const [row] = await tx<TemplateRow>(`SELECT ${COLUMNS} FROM agent_template WHERE name = $1`, [name]);
  if (!row) throw templateNotFound(name);
  return show(row);
}

/** Fails `template.not_found`, and `template.in_use` while a pool is made by it. */
export async function deleteAgentTemplate(tx: Tx, name: string): Promise<void> {
  const [pool] = await tx<{ name: string }>('SELECT name FROM agent_pool WHERE template = $1 LIMIT 1', [name]);
  if (pool) throw new BrikkError('template.in_use', `The pool ${pool.name} is made by the template ${name}`);
  const rows = await tx('DELETE FROM agent_template WHERE name = $1 RETURNING name', [name]);
  if (rows.length === 0) throw templateNotFound(name);
}

const templateNotFound = (name: string) => new BrikkError('template.not_found', `There is no agent template ${name}`);

const show = ({ name, version, settings, createdAt, updatedAt }: TemplateRow): AgentTemplate => ({
  name,
  version,
  ...settings,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
