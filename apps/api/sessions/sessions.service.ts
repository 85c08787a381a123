import { Injectable } from '@nestjs/common';
import type { ListSessions, OpenSession, SaveSession } from '../../../contracts/sessions.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import {
  endSession,
  listSessions,
  openSession,
  readSession,
  saveSession,
} from '../../../database/sessions.repository.js';
import { actorOf } from '../common/actor.js';
import { knownId } from '../common/ids.js';
import { OwnAgent } from '../common/own-agent.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';

@Injectable()
export class SessionsService {
  constructor(
    private readonly database: Database,
    private readonly own: OwnAgent,
  ) {}

  async open(caller: Caller, of: { agentId: string; instanceId: string }, request: OpenSession) {
    knownId(of.agentId, 'agent.not_found');
    knownId(of.instanceId, 'instance.not_found');
    await this.own.check(caller, of.agentId);
    const { session, what } = await this.database.inOrg(caller.orgId, async (tx) => {
      const opened = await openSession(tx, of, request);
      const entry = { ...actorOf(caller), target: opened.session.id, outcome: 'ok' as const };
      if (opened.what === 'created') await audit(tx, { ...entry, action: 'session.opened' });
      if (opened.what === 'handed-over') await audit(tx, { ...entry, action: 'session.handed_over' });
      return opened;
    });
    return new Reply(what === 'created' ? 201 : 200, session);
  }

  async list({ orgId }: Caller, query: ListSessions) {
    return this.database.inOrg(orgId, (tx) => listSessions(tx, query));
  }

  async get(caller: Caller, id: string) {
    knownId(id, 'session.not_found');
    const session = await this.database.inOrg(caller.orgId, (tx) => readSession(tx, id));
    await this.own.check(caller, session.agentId);
    return session;
  }

  async save(caller: Caller, id: string, change: SaveSession) {
    await this.get(caller, id);
    return this.database.inOrg(caller.orgId, async (tx) => {
      const saved = await saveSession(tx, id, change);
      await audit(tx, { ...actorOf(caller), action: 'session.saved', target: id, outcome: 'ok' });
      return saved;
    });
  }

  async end(caller: Caller, id: string): Promise<void> {
    await this.get(caller, id);
    await this.database.inOrg(caller.orgId, async (tx) => {
      await endSession(tx, id);
      await audit(tx, { ...actorOf(caller), action: 'session.ended', target: id, outcome: 'ok' });
    });
  }
}
