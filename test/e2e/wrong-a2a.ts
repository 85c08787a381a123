import type { Json } from '../../contracts/json.js';
import { a2aMessage, a2aSend, type A2aHouse } from '../support/a2a-house.js';
import { acceptedRun } from '../support/runs.js';

const MISSING = '01890a5d-ac96-774b-bcce-b302099a8057';

/** A request that is refused, and how over each binding. */
interface WrongCall {
  name: string;
  operation: string;
  params: (house: A2aHouse) => Promise<{ [name: string]: Json }> | { [name: string]: Json };
  rpc: number;
  rest: number;
  reason: string;
  field?: string;
}
const malformed = { rpc: -32_602, rest: 400, reason: 'INVALID_PARAMS' };
const unknown = { rpc: -32_001, rest: 404, reason: 'TASK_NOT_FOUND' };
const unsupported = { rpc: -32_004, rest: 400, reason: 'UNSUPPORTED_OPERATION' };
const wrongMessage = (name: string, more: { [name: string]: Json }, field: string): WrongCall => ({
  name,
  operation: 'SendMessage',
  params: () => a2aSend(more),
  ...malformed,
  field,
});
export const WRONG_A2A: WrongCall[] = [
  { name: 'no message', operation: 'SendMessage', params: () => ({}), ...malformed, field: 'message' },
  wrongMessage('a message without an id', { messageId: '' }, 'message.messageId'),
  wrongMessage('a message with an endless id', { messageId: 'm'.repeat(256) }, 'message.messageId'),
  wrongMessage('a message of the agent', { role: 'ROLE_AGENT' }, 'message.role'),
  wrongMessage('a message of nobody', { role: 'NOBODY' }, 'message.role'),
  wrongMessage('a message without parts', { parts: [] }, 'message.parts'),
  wrongMessage('a part without content', { parts: [{ filename: 'x' }] }, 'message.parts[0]'),
  wrongMessage('no skill', { metadata: {} }, 'message.metadata.skill'),
  wrongMessage('no such kind of skill', { metadata: { skill: 'triage' } }, 'message.metadata.skill'),
  wrongMessage('a skill that is no text', { metadata: { skill: 7 } }, 'message.metadata.skill'),
  wrongMessage('a pattern without parameters', { metadata: { skill: 'pattern.sequential' } }, 'message.parts'),
  wrongMessage(
    'a pattern with wrong parameters',
    { metadata: { skill: 'pattern.sequential' }, parts: [{ data: { with: {} } }] },
    'with.steps',
  ),
  wrongMessage('an endless context', { contextId: 'c'.repeat(256) }, 'message.contextId'),
  {
    name: 'a workflow that nobody has published',
    operation: 'SendMessage',
    params: () => a2aSend({ metadata: { skill: 'workflow.nobody.wrote' } }),
    ...malformed,
  },
  {
    name: 'a file',
    operation: 'SendMessage',
    params: () => a2aSend({ parts: [{ raw: 'aGk=', mediaType: 'image/png' }] }),
    rpc: -32_005,
    rest: 400,
    reason: 'CONTENT_TYPE_NOT_SUPPORTED',
  },
  {
    name: 'a message to a task that there is not',
    operation: 'SendMessage',
    params: () => a2aSend({ taskId: MISSING }),
    ...unknown,
  },
  {
    name: 'a message to a task with the context of another',
    operation: 'SendMessage',
    params: async (house) => a2aSend({ taskId: (await house.started()).id, contextId: 'other' }),
    ...malformed,
    field: 'message.contextId',
  },
  {
    name: 'a message to a task that has ended',
    operation: 'SendMessage',
    params: async (house) => a2aSend({ taskId: await house.ended() }),
    ...unsupported,
  },
  {
    name: 'a message to a task that asks nothing',
    operation: 'SendMessage',
    params: async (house) => a2aSend({ taskId: (await house.started()).id }),
    ...unsupported,
  },
  {
    name: 'an unusable length of the history',
    operation: 'SendMessage',
    params: () => ({ message: a2aMessage(), configuration: { historyLength: -1 } }),
    ...malformed,
    field: 'configuration.historyLength',
  },
  { name: 'a task that there is not', operation: 'GetTask', params: () => ({ id: MISSING }), ...unknown },
  { name: 'an id that is none', operation: 'GetTask', params: () => ({ id: 'task-1' }), ...unknown },
  {
    name: 'a length of the history below nothing',
    operation: 'GetTask',
    params: async (house) => ({ id: await house.ended(), historyLength: -1 }),
    ...malformed,
    field: 'historyLength',
  },
  {
    name: 'a run that no A2A client has started',
    operation: 'GetTask',
    params: async (house) => ({ id: await acceptedRun(house.api.database, house.api.orgId) }),
    ...unknown,
  },
  {
    name: 'the task of another organisation',
    operation: 'GetTask',
    params: async (house) => ({ id: await house.foreign() }),
    ...unknown,
  },
  { name: 'a cancel of no task', operation: 'CancelTask', params: () => ({ id: MISSING }), ...unknown },
  {
    name: 'a cancel of a task that has ended',
    operation: 'CancelTask',
    params: async (house) => ({ id: await house.ended() }),
    rpc: -32_002,
    rest: 400,
    reason: 'TASK_NOT_CANCELABLE',
  },
  { name: 'following no task', operation: 'SubscribeToTask', params: () => ({ id: MISSING }), ...unknown },
  {
    name: 'following a task that has ended',
    operation: 'SubscribeToTask',
    params: async (house) => ({ id: await house.ended() }),
    ...unsupported,
  },
  {
    name: 'a page of nothing',
    operation: 'ListTasks',
    params: () => ({ pageSize: 0 }),
    ...malformed,
    field: 'pageSize',
  },
  {
    name: 'a page of 101',
    operation: 'ListTasks',
    params: () => ({ pageSize: 101 }),
    ...malformed,
    field: 'pageSize',
  },
  {
    name: 'a page that was never given',
    operation: 'ListTasks',
    params: () => ({ pageToken: 'x' }),
    ...malformed,
    field: 'pageToken',
  },
  {
    name: 'a state that there is not',
    operation: 'ListTasks',
    params: () => ({ status: 'TASK_STATE_LOST' }),
    ...malformed,
    field: 'status',
  },
  {
    name: 'a time that is none',
    operation: 'ListTasks',
    params: () => ({ statusTimestampAfter: 'yesterday' }),
    ...malformed,
    field: 'statusTimestampAfter',
  },
  {
    name: 'the card of an agent that there is not',
    operation: 'GetExtendedAgentCard',
    params: () => ({ tenant: 'workflow.nobody.wrote' }),
    ...malformed,
    field: 'tenant',
  },
];
