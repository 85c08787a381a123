import type { Readable } from 'node:stream';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import { A2A_ERROR_CODE } from '@a2a-js/sdk/errors';
import { JsonRpcTransportHandler, ServerCallContext } from '@a2a-js/sdk/server';
import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import type { Json } from '../../../contracts/json.js';
import { A2aHandlers } from './a2a-handlers.service.js';
import type { A2aRequestHandler } from './request-handler.js';
import { jsonOf } from '../common/request-body.js';
import { type A2aRequest, versionOf } from './a2a-request.js';
import { toA2aError } from './a2a-errors.js';
import { eventStream } from './event-stream.js';

const IDS = ['string', 'number'];
type RpcRequest = { [name: string]: Json };

/** The JSON-RPC binding of A2A, in both versions. */
@Injectable()
export class A2aJsonRpc {
  constructor(private readonly handlers: A2aHandlers) {}

  /** A response, or a stream of them; what JSON-RPC has no words for (a missing permission) is thrown. */
  async answer(request: A2aRequest): Promise<object | Readable> {
    const asked = read(request.body);
    if ('error' in asked) return failed(null, asked.error);
    const { rpc } = asked;
    const id = idOf(rpc);
    const flaw = flawOf(rpc);
    if (flaw !== undefined) return failed(id, { code: A2A_ERROR_CODE.INVALID_REQUEST, message: flaw });
    const handler = this.handlers.of(request);
    const answer = await this.handle(handler, request, rpc).catch((error: unknown) => fail(id, error));
    if (handler.refusal !== undefined) throw handler.refusal;
    return answer;
  }

  private async handle(handler: A2aRequestHandler, { version: said }: A2aRequest, rpc: RpcRequest) {
    const version = versionOf(said, ['1.0', '0.3']);
    const transport =
      version === '1.0' ? new JsonRpcTransportHandler(handler) : new LegacyJsonRpcTransportHandler(handler);
    const answer = await transport.handle(rpc, new ServerCallContext({ requestedVersion: version }));
    if (!(Symbol.asyncIterator in answer)) return answer;
    return eventStream(answer as AsyncGenerator<unknown, void, undefined>, (error) => fail(idOf(rpc), error));
  }
}

function read(body: Buffer): { rpc: RpcRequest } | { error: { code: number; message: string } } {
  try {
    const rpc = jsonOf(body);
    if (typeof rpc === 'object' && rpc !== null && !Array.isArray(rpc)) return { rpc };
    return { error: { code: A2A_ERROR_CODE.INVALID_REQUEST, message: 'The body must be one JSON-RPC request' } };
  } catch (error) {
    const isNoJson = error instanceof BrikkError && error.code === 'request.invalid_json';
    const code = isNoJson ? A2A_ERROR_CODE.PARSE_ERROR : A2A_ERROR_CODE.INVALID_REQUEST;
    return { error: { code, message: error instanceof BrikkError ? error.message : 'The body cannot be read' } };
  }
}

const idOf = ({ id = null }: RpcRequest): string | number | null =>
  IDS.includes(typeof id) ? (id as string | number) : null;

function flawOf({ jsonrpc, method, id }: RpcRequest): string | undefined {
  if (jsonrpc !== '2.0') return 'jsonrpc must be "2.0"';
  if (typeof method !== 'string' || method === '') return 'method must be a text';
  const isId = id === undefined || id === null || typeof id === 'string' || Number.isInteger(id);
  return isId ? undefined : 'id must be a text, an integer, or null';
}

const failed = (id: string | number | null, error: object) => ({ jsonrpc: '2.0', id, error });
const fail = (id: string | number | null, error: unknown) =>
  failed(id, JsonRpcTransportHandler.mapToJSONRPCError(toA2aError(error)));
