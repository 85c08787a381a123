import { Injectable } from '@nestjs/common';
import { stringify } from 'yaml';
import type { Definition } from '../../../contracts/definition.js';
import type { Page } from '../../../contracts/lists.js';
import type { ListWorkflows, PublishedWorkflow, Workflow } from '../../../contracts/workflows.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import {
  findDefinition,
  listDefinitions,
  listVersions,
  publishDefinition,
} from '../../../database/definitions.repository.js';
import { setEventSchedule } from '../../../database/event-schedules.js';
import { knownNames } from '../../../database/known-names.js';
import { setSchedule } from '../../../database/schedules.repository.js';
import { actorOf } from '../common/actor.js';
import { Settings } from '../env.js';
import { once } from '../common/idempotency.js';
import type { Caller } from '../common/request.js';
import { checked } from './checked-definition.js';
import { contentHash } from '../../../database/canonical-json.js';
import { scheduleTerms } from './schedule-terms.js';

@Injectable()
export class WorkflowsService {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** The text is JSON or YAML. */
  async publish(caller: Caller, text: string): Promise<{ status: number; body: PublishedWorkflow }> {
    const known = await this.database.inOrg(caller.orgId, knownNames);
    const installation = { ...known, enabled: this.settings.allowedProcesses ?? [] };
    const { definition, warnings } = checked(text, installation);
    const terms = scheduleTerms(definition);
    const hash = contentHash(definition);
    const { orgId } = caller;
    const yaml = isJson(text) ? {} : { yaml: text };
    return once(this.database, caller, { route: 'POST /v1/workflows', body: text, keepFor: 'day' }, async (tx) => {
      const { workflow, created } = await publishDefinition(tx, { orgId, definition, hash, ...yaml });
      const target = `${workflow.namespace}/${workflow.name}:${workflow.version}`;
      if (created) {
        await setEventSchedule(tx, orgId, definition);
        await setSchedule(tx, { orgId, ...workflow }, terms);
        await audit(tx, { ...actorOf(caller), action: 'workflow.published', target, outcome: 'ok' });
      }
      return { status: created ? 201 : 200, body: { ...workflow, warnings } };
    });
  }

  async list({ orgId }: Caller, query: ListWorkflows): Promise<Page<Workflow>> {
    return this.database.inOrg(orgId, (tx) => listDefinitions(tx, query));
  }

  async versions({ orgId }: Caller, namespace: string, name: string): Promise<Page<Workflow>> {
    return this.database.inOrg(orgId, (tx) => listVersions(tx, namespace, name));
  }

  async get(
    { orgId }: Caller,
    namespace: string,
    name: string,
    version: string,
  ): Promise<{ definition: Definition; yaml: string }> {
    const wanted = version === 'latest' ? undefined : version;
    const { definition, yaml } = await this.database.inOrg(orgId, (tx) => findDefinition(tx, namespace, name, wanted));
    return { definition, yaml: yaml ?? stringify(definition) };
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
