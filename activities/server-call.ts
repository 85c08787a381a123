import type { ServerCall } from '../contracts/language-activities.js';
import type { ProcessKind } from '../contracts/processes.js';
import { makeA2aCall } from './a2a-call.js';
import { makeAsyncApiCall } from './asyncapi-call.js';
import type { MessageChannels } from './dependencies.js';
import { type Grpc, makeGrpcCall } from './grpc-call.js';
import { makeMcpCall } from './mcp-call.js';
import type { Outcome, Prepared } from './outside-call.js';

/** How servers are reached that are not reached over plain HTTP. */
export interface Servers {
  grpc: Grpc;
  channels: MessageChannels;
  /** What the operator lets definitions start on this machine. */
  processes: readonly ProcessKind[];
}

/** One method of a server, by its protocol. */
export function makeServerCall(
  { grpc, channels, processes }: Servers,
  call: ServerCall,
  prepared: Prepared,
): Promise<Outcome> {
  const { request } = call;
  switch (request.kind) {
    case 'mcp':
      return makeMcpCall(processes, request, prepared);
    case 'a2a':
      return makeA2aCall(call, request, prepared);
    case 'grpc':
      return makeGrpcCall(grpc, request, prepared);
    case 'asyncapi':
      return makeAsyncApiCall(channels, call, request, prepared);
  }
}
