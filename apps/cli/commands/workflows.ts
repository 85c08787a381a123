import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { Workflow } from '../../../contracts/workflows.js';
import type { WorkflowDocument } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { readDocument } from './json-argument.js';
import { table } from './table.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };

/** `brikk workflows list|show|publish`. */
export function registerWorkflowCommands(program: Command): void {
  const workflows = program.command('workflows').description('workflow definitions that were published');
  withOutput(withApi(workflows.command('list').description('each in its newest version'))).action(
    ({ output, ...options }: Options) =>
      reporting(async () => {
        const page = await connect(options).workflows.list({ limit: 200 });
        console.log(output === 'json' ? JSON.stringify(page, null, 2) : workflowsTable(page.items));
      }),
  );
  withOutput(
    withApi(
      workflows.command('show <workflow>').description('a definition: namespace/name, or namespace/name:version'),
    ),
  ).action((workflow: string, { output, ...options }: Options) =>
    reporting(async () => {
      const [namespace, name, version] = referenceOf(workflow);
      const definition = await connect(options).workflows.get(namespace, name, version);
      console.log(output === 'json' ? JSON.stringify(definition, null, 2) : stringify(definition).trimEnd());
    }),
  );
  withOutput(withApi(workflows.command('publish <file>').description('publish a version: a YAML or JSON file'))).action(
    (file: string, { output, ...options }: Options) =>
      reporting(async () => {
        const published = await connect(options).workflows.publish(readDocument(file) as WorkflowDocument);
        const { namespace, name, version, hash } = published;
        const line = `${namespace}/${name}:${version} is published (${hash.slice(0, 12)}). Start it with: brikk run ${namespace}/${name}:${version}`;
        console.log(output === 'json' ? JSON.stringify(published, null, 2) : line);
      }),
  );
}

export function workflowsTable(workflows: Workflow[]): string {
  return table(
    ['WORKFLOW', 'VERSION', 'TITLE', 'PUBLISHED'],
    workflows.map(({ namespace, name, version, title, createdAt }) => [
      `${namespace}/${name}`,
      version,
      title ?? '',
      createdAt,
    ]),
  );
}

/** Fails with a UserError for what is no `namespace/name` or `namespace/name:version`. */
export function referenceOf(text: string): [namespace: string, name: string, version: string | undefined] {
  const [, namespace, name, version] = /^([A-Za-z0-9-]+)\/([A-Za-z0-9-]+)(?::(\S+))?$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined)
    throw new UserError(`${text} names no workflow; write namespace/name or namespace/name:version.`);
  return [namespace, name, version];
}
