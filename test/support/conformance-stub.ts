import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const PETS = [
  { id: 1, name: 'Rex', status: 'available' },
  { id: 2, name: 'Milou', status: 'available' },
];
const SWAGGER = {
  swagger: '2.0',
  host: 'petstore.swagger.io',
  basePath: '/v2',
  schemes: ['https', 'http'],
  paths: {
    '/pet/findByStatus': {
      get: {
        operationId: 'findPetsByStatus',
        parameters: [{ name: 'status', in: 'query', type: 'array', required: true }],
      },
    },
    '/pet/{petId}': {
      get: { operationId: 'getPetById', parameters: [{ name: 'petId', in: 'path', type: 'integer', required: true }] },
    },
  },
};

/** What the conformance kit's scenarios call, in the place of petstore.swagger.io and httpbin.org. */
export class ConformanceStub {
  private constructor(private readonly server: Server) {}

  static async start(): Promise<ConformanceStub> {
    const server = createServer(({ url = '', headers }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://stub');
      const [status, body] = answer(pathname, searchParams, headers.authorization);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ConformanceStub(server);
  }

  /** For BRIKK_HTTP_HOST_OVERRIDES. */
  get overrides(): string {
    const origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return ['petstore.swagger.io', 'httpbin.org'].map((host) => `${host}=${origin}`).join(',');
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function answer(path: string, query: URLSearchParams, authorization: string | undefined): [number, unknown] {
  if (path === '/v2/swagger.json') return [200, SWAGGER];
  if (path === '/v2/pet/findByStatus') return [200, PETS.filter(({ status }) => status === query.get('status'))];
  const [, user, password] = /^\/basic-auth\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (user !== undefined) {
    const isKnown = authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    return isKnown ? [200, { authenticated: true, user }] : [401, { authenticated: false }];
  }
  const pet = PETS.find(({ id }) => path === `/v2/pet/${id}`);
  return pet ? [200, pet] : [404, { type: 'error', message: 'Pet not found' }];
}
