import type { Json } from '../../contracts/json.js';

export type Binding = 'JSONRPC' | 'HTTP+JSON';
export const BINDINGS: Binding[] = ['JSONRPC', 'HTTP+JSON'];
type Params = { [name: string]: Json };

export interface A2aAnswer {
  /** Of HTTP. */
  status: number;
  type: string;
  /** Of a success. */
  result?: any; // oxlint-disable-line typescript/no-explicit-any -- tests look at what comes
  error?: { code: number; message: string; reason?: string; metadata?: Record<string, string> };
  /** Of a stream: what its events hold. */
  events?: any[]; // oxlint-disable-line typescript/no-explicit-any -- tests look at what comes
}

/** An A2A client that knows the wire and nothing else: each operation over both bindings. */
export class A2aCaller {
  constructor(
    private readonly base: string,
    private readonly key: string | undefined,
    private readonly version = '1.0',
  ) {}

  async call(binding: Binding, operation: string, params: Params = {}): Promise<A2aAnswer> {
    return binding === 'JSONRPC' ? this.rpc(operation, params) : this.rest(operation, params);
  }

  async rpc(method: string, params: Json): Promise<A2aAnswer> {
    return this.post(JSON.stringify({ jsonrpc: '2.0', id: 'r-1', method, params }));
  }

  /** Any body at all. */
  async post(body: string, headers: Record<string, string> = {}): Promise<A2aAnswer> {
    const answer = await fetch(this.base, { method: 'POST', headers: { ...this.headers(), ...headers }, body });
    const type = answer.headers.get('content-type') ?? '';
    const text = await answer.text();
    const shown = { status: answer.status, type };
    if (type.startsWith('text/event-stream')) {
      const events = dataOf(text);
      return { ...shown, events: events.map(({ result, error }) => result ?? { error }) };
    }
    const { result, error } = JSON.parse(text) as { result?: Json; error?: RpcError };
    return { ...shown, ...(error ? { error: errorOf(error, error.data) } : { result }) };
  }

  async rest(operation: string, params: Params): Promise<A2aAnswer> {
    const { method, path, body } = requestOf(operation, params);
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${this.base}${path}`, { method, headers: this.headers(), ...sent });
    const type = answer.headers.get('content-type') ?? '';
    const text = await answer.text();
    const shown = { status: answer.status, type };
    if (type.startsWith('text/event-stream')) return { ...shown, events: dataOf(text) };
    const json = text === '' ? {} : (JSON.parse(text) as { error?: RpcError });
    return { ...shown, ...(json.error ? { error: errorOf(json.error, json.error.details) } : { result: json }) };
  }

  /** Follows a task; the stream is open when this resolves, and what it tells is there when it has ended. */
  async follow(binding: Binding, id: string): Promise<{ told: Promise<unknown[]> }> {
    const rpc = { jsonrpc: '2.0', id: 1, method: 'SubscribeToTask', params: { id } };
    const isRpc = binding === 'JSONRPC';
    const answer = await fetch(isRpc ? this.base : `${this.base}/tasks/${id}:subscribe`, {
      method: 'POST',
      headers: this.headers(),
      body: JSON.stringify(isRpc ? rpc : {}),
    });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value ?? '';
    const rest = async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
      return dataOf(text).map((event) => event.result ?? event);
    };
    return { told: rest() };
  }

  private headers(): Record<string, string> {
    return {
      'content-type': 'application/json',
      ...(this.version !== '' && { 'a2a-version': this.version }),
      ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
    };
  }
}

interface Detail {
  reason?: string;
  metadata?: Record<string, string>;
}
interface RpcError {
  code: number;
  message: string;
  data?: Detail[];
  details?: Detail[];
}

function errorOf({ code, message }: RpcError, details: Detail[] = []) {
  const [{ reason, metadata } = {}] = details;
  return { code, message, ...(reason !== undefined && { reason }), ...(metadata && { metadata }) };
}

const dataOf = (text: string) =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => JSON.parse(event.slice(6)) as { result?: Json; error?: Json });

function requestOf(operation: string, { tenant, ...params }: Params): { method: string; path: string; body?: Json } {
  const { id, taskId, ...others } = params as Record<string, string>;
  const at = tenant === undefined ? '' : `/${tenant as string}`;
  const query = Object.keys(others).length > 0 ? `?${new URLSearchParams(others).toString()}` : '';
  const configs = `${at}/tasks/${taskId}/pushNotificationConfigs`;
  switch (operation) {
    case 'SendMessage':
      return { method: 'POST', path: `${at}/message:send`, body: params };
    case 'SendStreamingMessage':
      return { method: 'POST', path: `${at}/message:stream`, body: params };
    case 'GetTask':
      return { method: 'GET', path: `${at}/tasks/${id}${query}` };
    case 'ListTasks':
      return { method: 'GET', path: `${at}/tasks${query}` };
    case 'CancelTask':
      return { method: 'POST', path: `${at}/tasks/${id}:cancel`, body: {} };
    case 'SubscribeToTask':
      return { method: 'POST', path: `${at}/tasks/${id}:subscribe`, body: {} };
    case 'GetExtendedAgentCard':
      return { method: 'GET', path: `${at}/extendedAgentCard` };
    case 'CreateTaskPushNotificationConfig':
      return { method: 'POST', path: configs, body: { ...others, ...(id !== undefined && { id }) } };
    case 'GetTaskPushNotificationConfig':
      return { method: 'GET', path: `${configs}/${id}` };
    case 'ListTaskPushNotificationConfigs':
      return { method: 'GET', path: configs };
    case 'DeleteTaskPushNotificationConfig':
      return { method: 'DELETE', path: `${configs}/${id}` };
    default:
      throw new Error(`there is no operation ${operation}`);
  }
}
