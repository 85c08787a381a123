import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { AgentCard, Message, Task, TaskStatusUpdateEvent } from '@a2a-js/sdk';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
} from '@a2a-js/sdk/server';
import type { Json } from '../../contracts/json.js';
import { serving } from './outside-calls.js';

export interface AskedA2a {
  headers: IncomingMessage['headers'];
  body: { method: string; params: Json };
}

/** What a task of the scripted agent comes to, by the first text or data that it is given. */
export interface ScriptedTask {
  state: string;
  /** Of the artifact of a completed task, else of its status. */
  parts?: Json[];
}

/** An A2A agent of the SDK: `/1.json` and `/0.3.json` are its cards in both versions of the protocol. */
export async function servedA2a(script: (said: Json, turn: number) => ScriptedTask | Promise<ScriptedTask>) {
  const asked: AskedA2a[] = [];
  const turns = new Map<string, number>();
  const executor: AgentExecutor = {
    async execute({ userMessage, taskId, contextId }, bus) {
      const content = userMessage.parts[0]?.content;
      const said = content?.$case === 'data' || content?.$case === 'text' ? (content.value as Json) : null;
      const turn = (turns.get(taskId) ?? 0) + 1;
      turns.set(taskId, turn);
      if (said === 'hello') {
        const parts = [{ text: 'HELLO' }];
        bus.publish(AgentEvent.message(Message.fromJSON({ messageId: 'm-2', role: 'ROLE_AGENT', contextId, parts })));
        return bus.finished();
      }
      const ids = { id: taskId, taskId, contextId };
      bus.publish(AgentEvent.task(Task.fromJSON({ ...ids, status: { state: 'TASK_STATE_WORKING' } })));
      const { state, parts = [] } = await script(said, turn);
      const artifacts = state === 'COMPLETED' ? [{ artifactId: 'a-1', parts }] : [];
      const message = { messageId: `s-${turn}`, role: 'ROLE_AGENT', contextId, taskId, parts };
      const status = { state: `TASK_STATE_${state}`, ...(state === 'COMPLETED' ? {} : { message }) };
      if (artifacts.length > 0) bus.publish(AgentEvent.task(Task.fromJSON({ ...ids, artifacts, status })));
      else bus.publish(AgentEvent.statusUpdate(TaskStatusUpdateEvent.fromJSON({ ...ids, status })));
      return bus.finished();
    },
    cancelTask: async () => undefined,
  };
  const skills = [{ id: 'translate', name: 'Translates', description: 'Into Latin', tags: ['text', 'two words'] }];
  const shown = { name: 'scribe', description: 'Writes', version: '1.0.0', skills, defaultInputModes: ['text/plain'] };
  const card = AgentCard.fromJSON({
    ...shown,
    capabilities: {},
    supportedInterfaces: [{ protocolBinding: 'JSONRPC', url: 'x', protocolVersion: '1.0', tenant: '' }],
  });
  const handler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor);
  const [modern, legacy] = [new JsonRpcTransportHandler(handler), new LegacyJsonRpcTransportHandler(handler)];
  const cards: Record<string, object> = {
    '/1.json': {
      ...shown,
      supportedInterfaces: [{ protocolBinding: 'JSONRPC', url: '/1', protocolVersion: '1.0' }],
    },
    '/0.3.json': { ...shown, protocolVersion: '0.3.0', url: '/0.3', preferredTransport: 'JSONRPC' },
    '/none.json': { ...shown, supportedInterfaces: [{ protocolBinding: 'GRPC', url: '/1', protocolVersion: '1.0' }] },
  };
  const server = await serving((request, response) => {
    void (async () => {
      const { url = '', headers } = request;
      const found = cards[url];
      const json = { 'content-type': 'application/json' };
      if (found) return response.writeHead(200, json).end(JSON.stringify(found));
      if (url !== '/1' && url !== '/0.3') return response.writeHead(404).end();
      const body = JSON.parse(await text(request)) as AskedA2a['body'];
      asked.push({ headers, body });
      const context = new ServerCallContext({ requestedVersion: url === '/1' ? '1.0' : '0.3' });
      const answer = await (url === '/1' ? modern : legacy).handle(body, context);
      return response.writeHead(200, json).end(JSON.stringify(answer));
    })();
  });
  return { ...server, asked };
}
