import type {
  ConnectorCall,
  FormatCall,
  HttpCall,
  ProcessCall,
  ResourceCall,
  ServerCall,
} from '../contracts/language-activities.js';
import { hostOf } from './outside-call.js';

export type AnyRequest =
  | HttpCall['request']
  | ServerCall['request']
  | ConnectorCall['request']
  | FormatCall['request']
  | ProcessCall['request']
  | ResourceCall['request'];

/** What the record names as who did it: `GET api.example.com`. */
export function nameOf(request: AnyRequest): string {
  switch (request.kind) {
    case 'http':
      return `${request.method.toUpperCase()} ${hostOf(request.uri)}`;
    case 'openapi':
      return `${request.operationId} ${hostOf(request.document)}`;
    case 'mcp':
      return `${request.method} ${request.uri === undefined ? 'process' : hostOf(request.uri)}`;
    case 'a2a':
      return `${request.method} ${hostOf(request.uri ?? request.card ?? '')}`;
    case 'asyncapi':
      return `${request.operation ?? request.channel ?? ''} ${hostOf(request.document)}`;
    case 'connector':
    case 'format':
      return request.function;
    case 'resource':
      return `GET ${hostOf(request.uri)}`;
    case 'process':
      return `run ${request.process}`;
    case 'grpc':
      return `${request.service}/${request.method} ${request.host}`;
  }
}
