import { Injectable } from '@nestjs/common';
import { BrikkError, type Violation } from '../../../contracts/errors.js';
import { nameSchema } from '../../../contracts/json.js';
import {
  type AppendMemory,
  type ListMemory,
  type KeptAddress,
  type KeptPlace,
  memoryScopeSchema,
  type PutMemory,
  type SearchMemory,
} from '../../../contracts/memory.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import {
  appendMemory,
  deleteMemory,
  listMemory,
  putMemory,
  readMemory,
  searchMemory,
} from '../../../database/memory.repository.js';
import { actorOf } from '../common/actor.js';
import { OwnAgent } from '../common/own-agent.js';
import { once } from '../common/idempotency.js';
import { knownId } from '../common/ids.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';

/** Below `/v1/memory`, or below an agent. */
export type PlaceInPath = { scope: string; scopeId: string } | { agent: string };
export type AddressInPath = PlaceInPath & { key: string };
export interface Preconditions {
  'if-match'?: string;
  'if-none-match'?: string;
}

@Injectable()
export class MemoryService {
  constructor(
    private readonly database: Database,
    private readonly own: OwnAgent,
  ) {}

  async list(caller: Caller, place: PlaceInPath, query: ListMemory) {
    const known = await this.knownPlace(caller, place);
    const { orgId } = caller;
    return this.database.inOrg(orgId, (tx) => listMemory(tx, known, query));
  }

  async get(caller: Caller, address: AddressInPath) {
    const known = await this.knownAddress(caller, address);
    const entry = await this.database.inOrg(caller.orgId, (tx) => readMemory(tx, known));
    return new Reply(200, entry, { ETag: `"${entry.version}"` });
  }

  async search({ orgId }: Caller, search: SearchMemory) {
    if (search.scope === 'run' && search.scopeId !== undefined) knownId(search.scopeId, 'run.not_found');
    return { items: await this.database.inOrg(orgId, (tx) => searchMemory(tx, search)) };
  }

  async put(caller: Caller, address: AddressInPath, change: PutMemory, headers: Preconditions) {
    const known = await this.knownAddress(caller, address);
    const ifVersion = expectedVersion(headers, change.ifVersion);
    const summary = await this.database.inOrg(caller.orgId, async (tx) => {
      const written = await putMemory(tx, known, writer(caller), { ...change, ifVersion });
      await this.audit(tx, caller, 'memory.put', known);
      return written;
    });
    return new Reply(summary.version === 1 ? 201 : 200, summary, { ETag: `"${summary.version}"` });
  }

  async append(caller: Caller, address: AddressInPath, change: AppendMemory) {
    const known = await this.knownAddress(caller, address);
    const route = `POST /v1/memory/${pathOf(known)}/append`;
    const { status, body } = await once(this.database, caller, { route, body: change, keepFor: 'day' }, async (tx) => {
      const written = await appendMemory(tx, known, writer(caller), change);
      await this.audit(tx, caller, 'memory.appended', known);
      return { status: written.version === 1 ? 201 : 200, body: written };
    });
    return new Reply(status, body, { ETag: `"${body.version}"` });
  }

  async remove(caller: Caller, address: AddressInPath, headers: Preconditions): Promise<void> {
    const known = await this.knownAddress(caller, address);
    const ifVersion = expectedVersion(headers, undefined);
    await this.database.inOrg(caller.orgId, async (tx) => {
      await deleteMemory(tx, known, { ifVersion });
      await this.audit(tx, caller, 'memory.deleted', known);
    });
  }

  private async knownPlace(caller: Caller, place: PlaceInPath): Promise<KeptPlace> {
    if (!('agent' in place)) return knownScope(place.scope, place.scopeId);
    await this.own.check(caller, place.agent);
    return { scope: 'agent', scopeId: place.agent };
  }

  private async knownAddress(caller: Caller, address: AddressInPath): Promise<KeptAddress> {
    const known = await this.knownPlace(caller, address);
    checkName('key', address.key);
    return { ...known, key: address.key };
  }

  private audit(tx: Tx, caller: Caller, action: string, address: KeptAddress): Promise<void> {
    return audit(tx, { ...actorOf(caller), action, target: pathOf(address), outcome: 'ok' });
  }
}

const writer = ({ keyId }: Caller) => ({ type: 'api-key' as const, id: keyId });

/** As URLs name it, below `/v1/memory/`; an agent's as `agent/<id>/<key>`. */
const pathOf = ({ scope, scopeId, key }: KeptAddress): string => [scope, scopeId, key].filter(Boolean).join('/');

/** Fails `request.not_found` for a scope that there is not, `run.not_found`, and `request.invalid` for a session without a usable name. */
function knownScope(scope: string, scopeId: string): KeptPlace {
  const known = memoryScopeSchema.safeParse(scope);
  if (!known.success || (known.data === 'organisation') !== (scopeId === ''))
    throw new BrikkError('request.not_found', 'Scopes of memory are organisation, session/<name> and run/<id>');
  if (known.data === 'run') knownId(scopeId, 'run.not_found');
  if (known.data === 'session') checkName('scopeId', scopeId);
  return { scope: known.data, scopeId };
}

function checkName(path: string, name: string): void {
  if (nameSchema.safeParse(name).success) return;
  const violations = [{ path, message: 'must be 1 to 128 characters of A-Z a-z 0-9 . _ -' }];
  throw new BrikkError('request.invalid', `The ${path} cannot be used`, { violations });
}

/** The version that must stand: of the body, `If-Match: "<version>"`, or `If-None-Match: *`; undefined when none is asked for. */
function expectedVersion(headers: Preconditions, ifVersion: number | undefined): number | undefined {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  const version = match === undefined ? undefined : Number(/^"(\d{1,10})"$/.exec(match)?.[1] ?? Number.NaN);
  if (Number.isNaN(version)) throw unusable({ path: 'If-Match', message: 'must be one ETag as we give it: "7"' });
  if (noneMatch !== undefined && noneMatch !== '*')
    throw unusable({ path: 'If-None-Match', message: 'must be *', allowed: ['*'] });
  const asked = [ifVersion, version, noneMatch === undefined ? undefined : 0].filter((one) => one !== undefined);
  if (new Set(asked).size > 1)
    throw unusable({ path: 'If-Match', message: 'asks for another version than ifVersion or If-None-Match' });
  return asked[0];
}

const unusable = (violation: Violation) =>
  new BrikkError('request.invalid', `The precondition cannot be used at ${violation.path}: ${violation.message}`, {
    violations: [violation],
  });
