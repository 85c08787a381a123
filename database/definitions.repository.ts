import type { Definition } from '../contracts/definition.js';
import { BrikkError } from '../contracts/errors.js';
import type { Page } from '../contracts/lists.js';
import { readReference } from '../contracts/workflow-reference.js';
import type { ListWorkflows, Workflow } from '../contracts/workflows.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import type { WorkflowDefinitionRow } from './entities/workflow-definition.entity.js';

type SummaryRow = Omit<WorkflowDefinitionRow, 'orgId' | 'definition' | 'yaml'>;
const SUMMARY = `namespace, name, version, hash, title, summary, created_at AS "createdAt"`;
/** The newest first: releases by number, each before its own pre-releases. */
const NEWEST = `string_to_array(substring(version FROM '^[0-9.]+'), '.')::numeric[] DESC, (version LIKE '%-%'), version DESC`;

export interface NewDefinition {
  orgId: string;
  definition: Definition;
  hash: string;
  yaml?: string;
}

/**
 * Publishes a version; the same content again gives what is there. Fails `workflow.conflict` when other content has this
 * version.
 */
export async function publishDefinition(
  tx: Tx,
  { orgId, definition, hash, yaml }: NewDefinition,
): Promise<{ workflow: Workflow; created: boolean }> {
  const { namespace, name, version, title, summary } = definition.document;
  const [row] = await tx<SummaryRow>(
    `INSERT INTO workflow_definition (org_id, namespace, name, version, hash, title, summary, definition, yaml)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING ${SUMMARY}`,
    [orgId, namespace, name, version, hash, title ?? null, summary ?? null, JSON.stringify(definition), yaml ?? null],
  );
  if (row) return { workflow: show(row), created: true };
  const [known] = await tx<SummaryRow>(`SELECT ${SUMMARY} FROM workflow_definition WHERE ${AT} AND version = $3`, [
    namespace,
    name,
    version,
  ]);
  if (known?.hash === hash) return { workflow: show(known), created: false };
  throw new BrikkError('workflow.conflict', `${namespace}/${name} has a version ${version} with other content`, {
    violations: [{ path: 'document.version', message: 'is taken: a published version never changes' }],
  });
}

const AT = 'namespace = $1 AND name = $2';

/** The version, or the newest. Fails `workflow.not_found`. */
export async function findDefinition(
  tx: Tx,
  namespace: string,
  name: string,
  version?: string,
): Promise<{ definition: Definition; hash: string; yaml: string | null }> {
  const [row] = await tx<Pick<WorkflowDefinitionRow, 'hash' | 'yaml'> & { definition: Definition }>(
    `SELECT definition, hash, yaml FROM workflow_definition
     WHERE ${AT} AND ($3::text IS NULL OR version = $3) ORDER BY ${NEWEST} LIMIT 1`,
    [namespace, name, version ?? null],
  );
  if (row) return row;
  const wanted = version === undefined ? '' : `:${version}`;
  throw new BrikkError('workflow.not_found', `There is no workflow ${namespace}/${name}${wanted}`);
}

/** What `namespace/name:version` names; without a version, and for `latest`, the newest. Fails `workflow.not_found`. */
export function findReferenced(tx: Tx, reference: string): ReturnType<typeof findDefinition> {
  const { namespace, name, version } = readReference(reference);
  return findDefinition(tx, namespace, name, version === 'latest' ? undefined : version);
}

/**
 * The version, or of `latest` the newest that was there `before`; where there was none, the newest of all. Fails
 * `workflow.not_found`.
 */
export async function findPinnedDefinition(
  tx: Tx,
  { namespace, name, version, before }: { namespace: string; name: string; version: string; before: Date },
): Promise<{ definition: Definition; hash: string }> {
  if (version !== 'latest') return findDefinition(tx, namespace, name, version);
  const [row] = await tx<{ version: string }>(
    `SELECT version FROM workflow_definition WHERE ${AT} ORDER BY (created_at <= $3) DESC, ${NEWEST} LIMIT 1`,
    [namespace, name, before],
  );
  return findDefinition(tx, namespace, name, row?.version);
}

/** Whether there is no newer version. */
export async function isNewest(
  tx: Tx,
  { namespace, name, version }: Pick<Workflow, 'namespace' | 'name' | 'version'>,
): Promise<boolean> {
  const [row] = await tx<{ version: string }>(
    `SELECT version FROM workflow_definition WHERE ${AT} ORDER BY ${NEWEST} LIMIT 1`,
    [namespace, name],
  );
  return row?.version === version;
}

/** The newest version of each, by namespace and name. */
export async function listDefinitions(tx: Tx, { namespace, limit, cursor }: ListWorkflows): Promise<Page<Workflow>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, (text) => text.includes('/'));
  const rows = await tx<SummaryRow>(
    `SELECT DISTINCT ON (namespace, name) ${SUMMARY} FROM workflow_definition
     WHERE ($1::text IS NULL OR namespace = $1) AND ($2::text IS NULL OR namespace || '/' || name > $2)
     ORDER BY namespace, name, ${NEWEST} LIMIT $3`,
    [namespace ?? null, after, limit + 1],
  );
  return toPage(rows, limit, (row) => `${row.namespace}/${row.name}`, show);
}

/** Every version, the newest first. Fails `workflow.not_found`. */
export async function listVersions(tx: Tx, namespace: string, name: string): Promise<Page<Workflow>> {
  const rows = await tx<SummaryRow>(
    `SELECT ${SUMMARY} FROM workflow_definition WHERE ${AT} ORDER BY ${NEWEST} LIMIT 1000`,
    [namespace, name],
  );
  if (rows.length === 0) throw new BrikkError('workflow.not_found', `There is no workflow ${namespace}/${name}`);
  return { items: rows.map(show), nextCursor: null };
}

const show = ({ createdAt, ...row }: SummaryRow): Workflow => ({ ...row, createdAt: createdAt.toISOString() });
