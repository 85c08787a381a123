import {
  type AgentCard,
  type CancelTaskRequest,
  type DeleteTaskPushNotificationConfigRequest,
  type GetExtendedAgentCardRequest,
  type GetTaskPushNotificationConfigRequest,
  type GetTaskRequest,
  type ListTaskPushNotificationConfigsRequest,
  type ListTaskPushNotificationConfigsResponse,
  type ListTasksRequest,
  type ListTasksResponse,
  type SendMessageRequest,
  type StreamResponse,
  type SubscribeToTaskRequest,
  type Task,
  type TaskPushNotificationConfig,
  taskStateToJSON,
} from '@a2a-js/sdk';
import { TaskNotFoundError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import { type Permission, isAllowed } from '../../../contracts/permissions.js';
import { isTerminal } from '../../../contracts/runs.js';
import type { ShownTarget } from '../../../database/a2a-push.repository.js';
import { invalidField } from '../common/invalid-field.js';
import type { Refusals } from '../common/refusals.js';
import type { Caller } from '../common/request.js';
import type { A2aCards } from './a2a-cards.service.js';
import type { A2aTasks } from './a2a-tasks.service.js';
import { toA2aError } from './a2a-errors.js';
import { statusesOf, toTask } from './task-of-run.js';

const PAGE = 50;
const MAX_PAGE = 100;

interface Parts {
  tasks: A2aTasks;
  cards: A2aCards;
  refusals: Refusals;
  /** Told of what nobody planned. */
  onFailure: (error: unknown) => void;
}

/** The operations of A2A for one request of one caller, whatever the binding. */
export class A2aRequestHandler implements A2ARequestHandler {
  /** The permission that was missing: the binding answers with it, whatever the protocol has made of it. */
  refusal: unknown;

  constructor(
    private readonly parts: Parts,
    private readonly caller: Caller,
    /** Aborted when the client has gone. */
    private readonly gone: AbortSignal,
  ) {}

  async getAgentCard(): Promise<AgentCard> {
    return this.parts.cards.platform();
  }

  getAuthenticatedExtendedAgentCard({ tenant }: GetExtendedAgentCardRequest): Promise<AgentCard> {
    return this.named('workflow:read', () => this.parts.cards.extended(this.caller, tenant));
  }

  sendMessage(request: SendMessageRequest): Promise<Task> {
    const { returnImmediately = false, historyLength } = request.configuration ?? {};
    return this.named(permissionToSend(request), async () => {
      checkHistoryLength(historyLength, 'configuration.historyLength');
      const id = await this.parts.tasks.send(this.caller, request);
      const task = returnImmediately
        ? await this.parts.tasks.find(this.caller, id)
        : await this.parts.tasks.settled(this.caller, id, this.gone);
      return toTask(task, { historyLength });
    });
  }

  async *sendMessageStream(request: SendMessageRequest): AsyncGenerator<StreamResponse, void, undefined> {
    const id = await this.named(permissionToSend(request), () => this.parts.tasks.send(this.caller, request));
    yield* this.stream(this.parts.tasks.follow(this.caller, id, this.gone, { untilAsked: true }));
  }

  async *resubscribe({ id }: SubscribeToTaskRequest): AsyncGenerator<StreamResponse, void, undefined> {
    await this.named('run:read', async () => {
      const { status } = await this.parts.tasks.find(this.caller, needed(id, 'id'));
      if (isTerminal(status)) throw new UnsupportedOperationError(`Task ${id} has ended: ${status}`);
    });
    yield* this.stream(this.parts.tasks.follow(this.caller, id, this.gone));
  }

  getTask({ id, historyLength }: GetTaskRequest): Promise<Task> {
    return this.named('run:read', async () => {
      checkHistoryLength(historyLength, 'historyLength');
      return toTask(await this.parts.tasks.find(this.caller, needed(id, 'id')), { historyLength });
    });
  }

  listTasks(request: ListTasksRequest): Promise<ListTasksResponse> {
    return this.named('run:read', async () => {
      const { contextId, status, pageSize = PAGE, pageToken, historyLength, statusTimestampAfter: since } = request;
      checkHistoryLength(historyLength, 'historyLength');
      if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE)
        throw invalidField('pageSize', `must be 1 to ${MAX_PAGE}`);
      if (since !== undefined && Number.isNaN(Date.parse(since)))
        throw invalidField('statusTimestampAfter', 'must be a time of RFC 3339');
      const state = taskStateToJSON(status);
      if (state === 'UNRECOGNIZED') throw invalidField('status', 'must be a state such as TASK_STATE_WORKING');
      const { tasks, nextCursor, total } = await this.parts.tasks.list(this.caller, {
        limit: pageSize,
        ...(contextId !== '' && { contextId }),
        ...(status !== 0 && { statuses: statusesOf(state) }),
        ...(since !== undefined && { since }),
        ...(pageToken !== '' && { cursor: pageToken }),
      });
      const withArtifacts = request.includeArtifacts === true;
      const shown = tasks.map((task) => toTask(task, { historyLength, withArtifacts }));
      return { tasks: shown, nextPageToken: nextCursor, pageSize, totalSize: total };
    });
  }

  cancelTask({ id }: CancelTaskRequest): Promise<Task> {
    return this.named('run:steer', async () => toTask(await this.parts.tasks.cancel(this.caller, needed(id, 'id'))));
  }

  createTaskPushNotificationConfig(config: TaskPushNotificationConfig): Promise<TaskPushNotificationConfig> {
    const { taskId } = config;
    return this.named('run:start', async () =>
      configOf(taskId, await this.parts.tasks.notify(this.caller, needed(taskId, 'taskId'), config)),
    );
  }

  getTaskPushNotificationConfig({
    taskId,
    id,
  }: GetTaskPushNotificationConfigRequest): Promise<TaskPushNotificationConfig> {
    return this.named('run:read', async () => {
      const targets = await this.parts.tasks.targets(this.caller, needed(taskId, 'taskId'));
      const target = targets.find((one) => one.id === needed(id, 'id'));
      if (!target) throw new TaskNotFoundError(`Task ${taskId} has no push notification config of this id`);
      return configOf(taskId, target);
    });
  }

  listTaskPushNotificationConfigs({
    taskId,
  }: ListTaskPushNotificationConfigsRequest): Promise<ListTaskPushNotificationConfigsResponse> {
    return this.named('run:read', async () => {
      const targets = await this.parts.tasks.targets(this.caller, needed(taskId, 'taskId'));
      return { configs: targets.map((target) => configOf(taskId, target)), nextPageToken: '' };
    });
  }

  deleteTaskPushNotificationConfig({ taskId, id }: DeleteTaskPushNotificationConfigRequest): Promise<void> {
    return this.named('run:start', () =>
      this.parts.tasks.forget(this.caller, needed(taskId, 'taskId'), needed(id, 'id')),
    );
  }

  /** Does what the caller may do, and names what fails as the protocol does. */
  private async named<Result>(permission: Permission, work: () => Promise<Result>): Promise<Result> {
    if (!isAllowed(this.caller, permission)) {
      this.refusal = await this.parts.refusals.forbidden(
        this.caller,
        `A2A ${permission}`,
        `The key lacks the permission ${permission}`,
      );
      throw this.refusal;
    }
    return work().catch((error: unknown) => {
      throw this.rename(error);
    });
  }

  private async *stream(updates: AsyncGenerator<StreamResponse, void, undefined>) {
    try {
      yield* updates;
    } catch (error) {
      throw this.rename(error);
    }
  }

  private rename(error: unknown): Error {
    const renamed = toA2aError(error);
    if (renamed.name === 'A2AError') this.parts.onFailure(error);
    return renamed;
  }
}

/** Its token and its credentials are never shown again. */
const configOf = (taskId: string, { id, url, scheme }: ShownTarget): TaskPushNotificationConfig => ({
  tenant: '',
  id,
  taskId,
  url,
  token: '',
  authentication: scheme === null ? undefined : { scheme, credentials: '' },
});

const permissionToSend = ({ message }: SendMessageRequest): Permission =>
  (message?.taskId ?? '') === '' ? 'run:start' : 'approval:decide';

function needed(value: string, path: string): string {
  if (value.trim() === '') throw invalidField(path, 'is needed');
  return value;
}

function checkHistoryLength(length: number | undefined, path: string): void {
  if (length !== undefined && !(Number.isInteger(length) && length >= 0)) throw invalidField(path, 'must be 0 or more');
}
