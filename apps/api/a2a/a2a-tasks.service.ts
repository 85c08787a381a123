import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message, SendMessageRequest, StreamResponse, TaskPushNotificationConfig } from '@a2a-js/sdk';
import { TaskNotCancelableError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { isTerminal } from '../../../contracts/runs.js';
import {
  type A2aTask,
  type A2aTaskFilter,
  addA2aMessages,
  findA2aTask,
  keepA2aTask,
  listA2aTasks,
  readTaskEvents,
} from '../../../database/a2a-tasks.repository.js';
import { deletePushTarget, listPushTargets, type ShownTarget } from '../../../database/a2a-push.repository.js';
import { Database } from '../../../database/database.js';
import { ApprovalsService } from '../approvals/approvals.service.js';
import { knownId } from '../common/ids.js';
import { invalidField } from '../common/invalid-field.js';
import type { Caller } from '../common/request.js';
import { pace } from '../runs/pace.js';
import { RunsService } from '../runs/runs.service.js';
import { RunWaits } from '../runs/run-waits.js';
import { SteeringService } from '../runs/steering.service.js';
import { A2aPush } from './a2a-push.service.js';
import { decisionOf } from './decision-of-message.js';
import { checkMessage, contentOf, messageJson } from './message-content.js';
import { startOfSkill } from './skills.js';
import { questionMessage, toTask, updatesOf } from './task-of-run.js';

/** The longest that the workflow may take to end before a cancel is answered all the same. */
const CANCEL_PATIENCE_MS = 5_000;
const LOOK_ANYWAY_MS = 15_000;
const EVENTS_AT_ONCE = 200;

/** Runs as tasks of A2A. Nothing of a task is in this process: any API goes on where another has died. */
@Injectable()
export class A2aTasks {
  constructor(
    private readonly database: Database,
    private readonly runs: RunsService,
    private readonly approvals: ApprovalsService,
    private readonly steering: SteeringService,
    private readonly waits: RunWaits,
    private readonly push: A2aPush,
  ) {}

  /** Starts a task, or goes on with one; a message that was sent before does nothing. */
  async send(caller: Caller, request: SendMessageRequest): Promise<string> {
    const message = checkMessage(request.message);
    return message.taskId === '' ? this.start(caller, request, message) : this.answer(caller, request, message);
  }

  async find({ orgId }: Caller, id: string): Promise<A2aTask> {
    knownId(id, 'run.not_found');
    return this.database.inOrg(orgId, (tx) => findA2aTask(tx, id));
  }

  list({ orgId }: Caller, filter: A2aTaskFilter): ReturnType<typeof listA2aTasks> {
    return this.database.inOrg(orgId, (tx) => listA2aTasks(tx, filter));
  }

  /** The task once it has ended or asks something; as it is when `signal` says so, the time is over, or the API stops. */
  async settled(caller: Caller, id: string, signal: AbortSignal, withinMs = Infinity): Promise<A2aTask> {
    const giveUpAt = Date.now() + withinMs;
    const ended = AbortSignal.any([signal, this.waits.stopping]);
    const news = this.waits.news(id);
    try {
      for (;;) {
        const next = news.next();
        const task = await this.find(caller, id);
        const leftMs = giveUpAt - Date.now();
        if (isSettled(task) || ended.aborted || leftMs <= 0) return task;
        await next(Math.min(leftMs, LOOK_ANYWAY_MS), ended);
      }
    } finally {
      news.close();
    }
  }

  /**
   * The task, then what happens to it, in the order of the run's stream, until its end; with `untilAsked` until it asks
   * something, too.
   */
  async *follow(
    caller: Caller,
    id: string,
    signal: AbortSignal,
    { untilAsked = false }: { untilAsked?: boolean } = {},
  ): AsyncGenerator<StreamResponse, void, undefined> {
    const ended = AbortSignal.any([signal, this.waits.stopping]);
    const news = this.waits.news(id);
    const pause = pace();
    try {
      const first = await this.find(caller, id);
      yield { payload: { $case: 'task', value: toTask(first) } };
      if (isTerminal(first.status) || (untilAsked && isSettled(first))) return;
      for (let position = first.lastPosition; !ended.aborted;) {
        const next = news.next();
        const { events, task } = await this.database.inOrg(caller.orgId, async (tx) => ({
          events: await readTaskEvents(tx, id, position, EVENTS_AT_ONCE),
          task: await findA2aTask(tx, id),
        }));
        for (const event of events) yield* updatesOf(event, task);
        const last = events.at(-1);
        if (last?.type === 'run.finished' || (untilAsked && last?.type === 'run.waiting')) return;
        position = last?.position ?? position;
        if (events.length === EVENTS_AT_ONCE) continue;
        await next(LOOK_ANYWAY_MS, ended);
        await delay(pause(Date.now()), undefined, { signal: ended }).catch(() => undefined);
      }
    } finally {
      news.close();
    }
  }

  /** Notifications of the task go there from now on; the id is made up when the client gives none. */
  async notify(caller: Caller, taskId: string, target: TaskPushNotificationConfig): Promise<ShownTarget> {
    await this.find(caller, taskId);
    const checked = await this.push.check(target);
    return this.database.inOrg(caller.orgId, (tx) => this.push.put(tx, caller.orgId, taskId, checked));
  }

  /** Fails `run.not_found`. */
  async targets(caller: Caller, taskId: string): Promise<ShownTarget[]> {
    await this.find(caller, taskId);
    return this.database.inOrg(caller.orgId, (tx) => listPushTargets(tx, taskId));
  }

  async forget(caller: Caller, taskId: string, id: string): Promise<void> {
    await this.find(caller, taskId);
    await this.database.inOrg(caller.orgId, (tx) => deletePushTarget(tx, caller.orgId, taskId, id));
  }

  /** Of a task that was canceled before, the task as it is. */
  async cancel(caller: Caller, id: string): Promise<A2aTask> {
    const task = await this.find(caller, id);
    if (task.status === 'canceled') return task;
    if (isTerminal(task.status)) throw new TaskNotCancelableError(`Task ${id} has ended: ${task.status}`);
    await this.steering.steer(caller, id, { kind: 'cancel' }).catch((error: unknown) => {
      const hasEnded = error instanceof BrikkError && error.code === 'run.finished';
      throw hasEnded ? new TaskNotCancelableError({ message: error.message, cause: error }) : error;
    });
    return this.ended(caller, id);
  }

  private async ended(caller: Caller, id: string): Promise<A2aTask> {
    const look = async () => {
      const task = await this.find(caller, id);
      return isTerminal(task.status) ? task : undefined;
    };
    const task = await this.waits.end(id, look, { withinMs: CANCEL_PATIENCE_MS, isNew: false });
    return task ?? this.find(caller, id);
  }

  private async start(caller: Caller, request: SendMessageRequest, message: Message): Promise<string> {
    const { tenant, metadata, configuration } = request;
    const wanted = configuration?.taskPushNotificationConfig;
    const target = wanted && (await this.push.check(wanted));
    const skill = skillOf(tenant, message, metadata);
    const body = startOfSkill(skill, contentOf(message));
    const asked = { route: 'A2A SendMessage', body: { skill, message: messageJson(message) } };
    const { accepted } = await this.runs.startAlong(asSender(caller, message), body, asked, async (tx, runId) => {
      const contextId = message.contextId === '' ? randomUUID() : message.contextId;
      const said = { ...messageJson(message), taskId: runId, contextId };
      await keepA2aTask(tx, { runId, orgId: caller.orgId, contextId, skill, message: said });
      if (target) await this.push.put(tx, caller.orgId, runId, target);
    });
    return accepted.id;
  }

  private async answer(caller: Caller, request: SendMessageRequest, message: Message): Promise<string> {
    const { taskId, contextId, messageId } = message;
    const task = await this.find(caller, taskId);
    if (contextId !== '' && contextId !== task.contextId)
      throw invalidField('message.contextId', `must be that of the task, ${task.contextId}, or left out`);
    if (task.messages.some((said) => (said as { messageId: string }).messageId === messageId)) return taskId;
    if (isTerminal(task.status)) throw new UnsupportedOperationError(`Task ${taskId} has ended: ${task.status}`);
    const wanted = request.configuration?.taskPushNotificationConfig;
    if (wanted) await this.notify(caller, taskId, wanted);
    const { approvalId, decision } = decisionOf(message, task.questions);
    const asked = questionMessage({ ...task, questions: task.questions.filter(({ id }) => id === approvalId) });
    await this.approvals.decide(asSender(caller, message), approvalId, decision);
    const said = { ...messageJson(message), contextId: task.contextId };
    await this.database.inOrg(caller.orgId, (tx) => addA2aMessages(tx, taskId, [...(asked ? [asked] : []), said]));
    return taskId;
  }
}

const isSettled = ({ status }: A2aTask): boolean => status === 'waiting' || isTerminal(status);

/** One client's ids of messages are nothing to another. */
function asSender(caller: Caller, { messageId }: Message): Caller {
  const idempotencyKey = createHash('sha256').update(`${caller.keyId} ${messageId}`).digest('hex');
  return { ...caller, idempotencyKey: `a2a-${idempotencyKey}` };
}

/** The agent that is addressed by the tenant has one skill; else the message names it. */
function skillOf(tenant: string, message: Message, metadata: SendMessageRequest['metadata']): string {
  const named = (message.metadata?.['skill'] ?? metadata?.['skill'] ?? '') as unknown;
  if (typeof named !== 'string') throw invalidField('message.metadata.skill', 'must be a text');
  if (tenant !== '' && named !== '' && named !== tenant)
    throw invalidField('message.metadata.skill', `must be ${tenant}, which this agent is, or left out`);
  return tenant === '' ? named : tenant;
}
