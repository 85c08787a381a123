import {
  AgentCard,
  CancelTaskRequest,
  DeleteTaskPushNotificationConfigRequest,
  GetExtendedAgentCardRequest,
  GetTaskPushNotificationConfigRequest,
  GetTaskRequest,
  ListTaskPushNotificationConfigsRequest,
  ListTaskPushNotificationConfigsResponse,
  ListTasksRequest,
  ListTasksResponse,
  type MessageFns,
  SendMessageRequest,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
  TaskPushNotificationConfig,
} from '@a2a-js/sdk';
import { Controller, Delete, Get, Post, StreamableFile, UseFilters } from '@nestjs/common';
import type { Json } from '../../../contracts/json.js';
import { Permission } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import { A2aHandlers } from './a2a-handlers.service.js';
import { type A2aRequest, FromA2a } from './a2a-request.js';
import { A2aFilter } from './a2a.filter.js';
import { A2aOperation } from './a2a-operation.js';
import { eventStream } from './event-stream.js';
import type { A2aRequestHandler } from './request-handler.js';
import { restFields } from './rest-request.js';
import { restProblem } from './rest-problem.js';

/** The HTTP+JSON binding of A2A 1.0. */
@Controller('v1/a2a')
@UseFilters(A2aFilter)
export class A2aRestController {
  constructor(private readonly handlers: A2aHandlers) {}

  @Post('message\\:send')
  @Permission('run:start')
  @A2aOperation('Send a message')
  send(@FromA2a() request: A2aRequest) {
    return this.answer(request, SendMessageRequest, async (handler, asked) => ({
      task: Task.toJSON(await handler.sendMessage(asked)) as Json,
    }));
  }

  @Post('message\\:stream')
  @Permission('run:start')
  @A2aOperation('Send a message and follow its task')
  sendAndFollow(@FromA2a() request: A2aRequest) {
    return this.stream(request, SendMessageRequest, (handler, asked) => handler.sendMessageStream(asked));
  }

  @Get('tasks')
  @Permission('run:read')
  @A2aOperation('List tasks')
  list(@FromA2a() request: A2aRequest) {
    return this.answer(request, ListTasksRequest, async (handler, asked) =>
      listed(await handler.listTasks(asked), asked.includeArtifacts === true),
    );
  }

  @Get('tasks/:id\\:subscribe')
  @Permission('run:read')
  @A2aOperation('Follow a task')
  follow(@FromA2a() request: A2aRequest) {
    return this.stream(request, SubscribeToTaskRequest, (handler, asked) => handler.resubscribe(asked));
  }

  @Post('tasks/:id\\:subscribe')
  @Permission('run:read')
  @A2aOperation('Follow a task')
  subscribe(@FromA2a() request: A2aRequest) {
    return this.follow(request);
  }

  @Post('tasks/:id\\:cancel')
  @Permission('run:steer')
  @A2aOperation('Cancel a task')
  cancel(@FromA2a() request: A2aRequest) {
    return this.answer(request, CancelTaskRequest, async (handler, asked) =>
      Task.toJSON(await handler.cancelTask(asked)),
    );
  }

  @Get('tasks/:id')
  @Permission('run:read')
  @A2aOperation('One task')
  get(@FromA2a() request: A2aRequest) {
    return this.answer(request, GetTaskRequest, async (handler, asked) => Task.toJSON(await handler.getTask(asked)));
  }

  @Post('tasks/:id/pushNotificationConfigs')
  @Permission('run:start')
  @A2aOperation('Push notifications of a task')
  notify(@FromA2a() request: A2aRequest) {
    const put = async (handler: A2aRequestHandler, asked: TaskPushNotificationConfig) =>
      TaskPushNotificationConfig.toJSON(await handler.createTaskPushNotificationConfig(asked));
    return this.answer(request, TaskPushNotificationConfig, put, 201);
  }

  @Get('tasks/:id/pushNotificationConfigs')
  @Permission('run:read')
  @A2aOperation('Where push notifications of a task go')
  targets(@FromA2a() request: A2aRequest) {
    return this.answer(request, ListTaskPushNotificationConfigsRequest, async (handler, asked) =>
      ListTaskPushNotificationConfigsResponse.toJSON(await handler.listTaskPushNotificationConfigs(asked)),
    );
  }

  @Get('tasks/:id/pushNotificationConfigs/:configId')
  @Permission('run:read')
  @A2aOperation('Where some of them go')
  target(@FromA2a() request: A2aRequest) {
    return this.answer(request, GetTaskPushNotificationConfigRequest, async (handler, asked) =>
      TaskPushNotificationConfig.toJSON(await handler.getTaskPushNotificationConfig(asked)),
    );
  }

  @Delete('tasks/:id/pushNotificationConfigs/:configId')
  @Permission('run:start')
  @A2aOperation('No more push notifications')
  forget(@FromA2a() request: A2aRequest) {
    const remove = (handler: A2aRequestHandler, asked: DeleteTaskPushNotificationConfigRequest) =>
      handler.deleteTaskPushNotificationConfig(asked);
    return this.answer(request, DeleteTaskPushNotificationConfigRequest, remove, 204);
  }

  @Get('extendedAgentCard')
  @Permission('workflow:read')
  @A2aOperation('The agent card with what the organisation offers')
  card(@FromA2a() request: A2aRequest) {
    return this.answer(request, GetExtendedAgentCardRequest, async (handler, asked) =>
      AgentCard.toJSON(await handler.getAuthenticatedExtendedAgentCard(asked)),
    );
  }

  private async answer<Asked>(
    request: A2aRequest,
    schema: MessageFns<Asked>,
    work: (handler: A2aRequestHandler, asked: Asked) => Promise<unknown>,
    status = 200,
  ) {
    const body = await work(this.handlers.of(request), schema.fromJSON(restFields(request)));
    return new Reply(status, body, { 'Content-Type': 'application/a2a+json' });
  }

  private async stream<Asked>(
    request: A2aRequest,
    schema: MessageFns<Asked>,
    open: (handler: A2aRequestHandler, asked: Asked) => AsyncGenerator<StreamResponse, void, undefined>,
  ) {
    const updates = open(this.handlers.of(request), schema.fromJSON(restFields(request)));
    const json = async function* () {
      for await (const update of updates) yield StreamResponse.toJSON(update);
    };
    return new StreamableFile(await eventStream(json(), (error) => restProblem(error).body), {
      type: 'text/event-stream',
    });
  }
}

/** Fields that have to be there even when they are empty. */
function listed(response: ListTasksResponse, withArtifacts: boolean): object {
  const shown = ListTasksResponse.toJSON(response) as { tasks?: object[] };
  const tasks = (shown.tasks ?? []).map((task) => (withArtifacts ? { artifacts: [], ...task } : task));
  const { nextPageToken, pageSize, totalSize } = response;
  return { tasks, nextPageToken, pageSize, totalSize };
}
