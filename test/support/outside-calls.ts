import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MessageChannels } from '../../activities/dependencies.js';
import { OAuthTokens } from '../../activities/oauth-tokens.js';
import { makeOutsideCall, type Outcome, type OutsideOptions } from '../../activities/outside-call.js';
import { makeHttpCall } from '../../activities/http-call.js';
import { makeProcessCall } from '../../activities/process-call.js';
import { makeServerCall } from '../../activities/server-call.js';
import { GrpcConnector } from '../../connectors/grpc/grpc.connector.js';
import { addressRule } from '../../connectors/lib/address-rule.js';
import { WebConnector } from '../../connectors/web/web.connector.js';
import type { CloudEvent } from '../../contracts/event-bus.js';
import type { Json } from '../../contracts/json.js';
import type { ProcessKind } from '../../contracts/processes.js';
import type { CallParts, HttpCall, LateParts, ProcessCall, ServerCall } from '../../contracts/language-activities.js';

const PLACE = { orgId: 'o', runId: 'r', key: 'do/0/a', path: '/do/0/a', resumed: false, events: [] };

/** Calls of definitions as their activities make them, with loopback allowed and these secrets kept. */
export class OutsideCalls {
  readonly web: WebConnector;
  readonly tokens: OAuthTokens;
  /** How far the clock of tokens is ahead. */
  aheadMs = 0;
  /** What was published inside of the installation, and which types were subscribed to. */
  readonly published: CloudEvent[] = [];
  readonly subscribed: string[] = [];
  private readonly channels: MessageChannels = {
    publish: async (_, event) => this.published.push(event),
    subscribe: async (_, type) => this.subscribed.push(type),
  };
  private readonly grpc: GrpcConnector;
  private readonly options: OutsideOptions;

  constructor(
    kept: Record<string, Json> = {},
    hostOverrides: Record<string, string> = {},
    private readonly processes: readonly ProcessKind[] = [],
  ) {
    const rule = addressRule(['127.0.0.0/8']);
    this.web = new WebConnector(rule, hostOverrides);
    this.tokens = new OAuthTokens(this.web, () => Date.now() + this.aheadMs);
    this.grpc = new GrpcConnector(rule);
    this.options = {
      web: this.web,
      tokens: this.tokens,
      payloads: {
        store: () => Promise.reject(new Error('nothing is stored')),
        materialise: async (_, value) => ('inline' in value ? value.inline : null),
      },
      secrets: { open: async (_, names) => new Map(Object.entries(kept).filter(([name]) => names.includes(name))) },
    };
  }

  http(request: HttpCall['request'], parts: Partial<CallParts<Json>>, more: Partial<HttpCall> = {}): Promise<Outcome> {
    const call = { ...PLACE, timeoutMs: 5_000, output: 'content' as const, redirect: false, request };
    const asked: HttpCall = { ...call, parts: valuesOf(parts), ...more };
    return makeOutsideCall(this.options, asked, new AbortController().signal, makeHttpCall);
  }

  server(
    request: ServerCall['request'],
    parts: Partial<CallParts<Json>> | LateParts,
    timeoutMs = 5_000,
  ): Promise<Outcome> {
    const { signal } = new AbortController();
    const asked: ServerCall = { ...PLACE, timeoutMs, request, parts: 'secrets' in parts ? parts : valuesOf(parts) };
    return makeOutsideCall(this.options, asked, signal, (call, prepared) =>
      makeServerCall({ grpc: this.grpc, channels: this.channels, processes: this.processes }, call, prepared),
    );
  }

  process(request: ProcessCall['request'], parts: LateParts): Promise<Outcome> {
    const asked: ProcessCall = { ...PLACE, timeoutMs: 5_000, request, parts };
    return makeOutsideCall(this.options, asked, new AbortController().signal, (call, prepared) =>
      makeProcessCall(this.processes, call, prepared),
    );
  }

  close(): Promise<void> {
    return this.web.close();
  }
}

const valuesOf = (parts: Partial<CallParts<Json>>) =>
  Object.fromEntries(
    Object.entries({ request: {}, ...parts }).map(([name, value]) => [name, { inline: value }]),
  ) as unknown as CallParts<{ inline: Json }>;

/** An HTTP server on a free port of this machine. */
export async function serving(listener: RequestListener): Promise<{ origin: string; stop: () => void }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
