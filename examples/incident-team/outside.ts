import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AgentCard, Message } from '@a2a-js/sdk';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore, ServerCallContext } from '@a2a-js/sdk/server';

/** A request that one of the services was sent. */
export interface Asked {
  path: string;
  headers: IncomingMessage['headers'];
  body: { [field: string]: unknown };
}

/** Hosts of the definition that these services stand in for. */
const HOSTS = ['partner.example.com', 'chat.example.com', 'pager.example.com'];

/** What is outside of the installation: a partner's agent that speaks Agent2Agent, a chat and a pager, in one server. */
export class OutsideServices {
  readonly asked: Asked[] = [];
  private readonly partner = partnerAgent();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const { url: path = '', headers } = request;
      void text(request).then(async (body) => {
        const asked: Asked = { path, headers, body: JSON.parse(body) as Asked['body'] };
        this.asked.push(asked);
        const [status, answer] = await this.answer(asked);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
  }

  /** Listens on loopback; 0 takes a free port. */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  /** For `BRIKK_HTTP_HOST_OVERRIDES`. */
  get overrides(): string {
    const { port } = this.server.address() as AddressInfo;
    return HOSTS.map((host) => `${host}=http://127.0.0.1:${port}`).join(',');
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer({ path, headers, body }: Asked): Promise<[number, unknown]> {
    switch (path) {
      case '/a2a':
        return [200, await this.partner.handle(body, new ServerCallContext({ requestedVersion: '0.3' }))];
      case '/messages':
        return [200, { channel: body['channel'], text: body['text'] }];
      case '/pages':
        return headers.authorization?.startsWith('Bearer ') === true ? [200, { paged: body['by'] }] : [401, {}];
      default:
        return [404, {}];
    }
  }
}

/** Answers each message with what it knows of it. */
function partnerAgent(): LegacyJsonRpcTransportHandler {
  const card = AgentCard.fromJSON({
    name: 'partner',
    version: '1.0.0',
    supportedInterfaces: [{ protocolBinding: 'JSONRPC', url: '/a2a', protocolVersion: '1.0', tenant: '' }],
  });
  const handler = new DefaultRequestHandler(card, new InMemoryTaskStore(), {
    async execute({ userMessage, contextId }, bus) {
      const [part] = userMessage.parts;
      const said = part?.content?.$case === 'text' ? part.content.value : '';
      const parts = [{ text: `we saw it, too: ${said}` }];
      bus.publish(AgentEvent.message(Message.fromJSON({ messageId: 'answer', role: 'ROLE_AGENT', contextId, parts })));
      bus.finished();
    },
    cancelTask: async () => undefined,
  });
  return new LegacyJsonRpcTransportHandler(handler);
}
