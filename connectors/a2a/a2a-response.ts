import type { Json } from '../../contracts/json.js';

/** What the version 1.0 of the protocol calls the methods of 0.3. */
const METHODS_OF_1: Readonly<Record<string, string>> = {
  'message/send': 'SendMessage',
  'message/stream': 'SendStreamingMessage',
  'tasks/get': 'GetTask',
  'tasks/list': 'ListTasks',
  'tasks/cancel': 'CancelTask',
  'tasks/resubscribe': 'SubscribeToTask',
  'tasks/pushNotificationConfig/set': 'CreateTaskPushNotificationConfig',
  'tasks/pushNotificationConfig/get': 'GetTaskPushNotificationConfig',
  'tasks/pushNotificationConfig/list': 'ListTaskPushNotificationConfigs',
  'tasks/pushNotificationConfig/delete': 'DeleteTaskPushNotificationConfig',
  'agent/getAuthenticatedExtendedCard': 'GetExtendedAgentCard',
};

export type A2aVersion = '0.3' | '1.0';

/** A method by its name of 0.3, as the version calls it. */
export const a2aMethod = (method: string, version: A2aVersion): string =>
  version === '1.0' ? (METHODS_OF_1[method] ?? method) : method;

/** The server was reached and did not do what it was asked for. */
export class A2aFailure extends Error {
  constructor(
    message: string,
    /** JSON-RPC's, or of an answer that was none of the protocol. */
    readonly by: { code?: number; status?: number } = {},
  ) {
    super(message);
    this.name = 'A2aFailure';
  }
}

/** The result in a JSON-RPC response; one with an error has failed, whatever its status says. Fails with an A2aFailure. */
export function a2aResult(text: string, status: number): Json {
  const { error, result } = fieldsIn(text);
  if (typeof error === 'object' && error !== null && !Array.isArray(error)) {
    const { code, message } = error;
    const words = typeof message === 'string' ? message : 'no message';
    throw typeof code === 'number'
      ? new A2aFailure(`failed: ${words} (${code})`, { code })
      : new A2aFailure(`failed: ${words}`);
  }
  if (status < 200 || status >= 300) throw new A2aFailure(`answered ${status}`, { status });
  if (result !== undefined) return result;
  throw new A2aFailure('gave no JSON-RPC response');
}

function fieldsIn(text: string): { [name: string]: Json } {
  try {
    const json = JSON.parse(text) as Json;
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
  } catch {
    return {};
  }
}
