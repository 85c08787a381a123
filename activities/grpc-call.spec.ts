import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { Json } from '../contracts/json.js';
import { OutsideCalls, serving } from '../test/support/outside-calls.js';
import { nameOf } from './name-of-call.js';

const PETS = `
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "kinds.proto";
message Ask { int64 pet_id = 1; repeated Toy toys = 2; map<string, Toy> by_name = 3; google.protobuf.Timestamp since = 4; }
message Toy { string name = 1; }
message Pet { int64 pet_id = 1; string name = 2; Kind kind = 3; bytes picture = 4; repeated Toy toys = 5; }
service Pets {
  rpc Get (Ask) returns (Pet);
  rpc Watch (Ask) returns (stream Pet);
}
`;
const KINDS = 'syntax = "proto3"; package shop; enum Kind { CAT = 0; DOG = 1; }';

describe('a call of gRPC', () => {
  let files: Awaited<ReturnType<typeof serving>>;
  let pets: Server;
  let port: number;
  let calls: OutsideCalls;
  const asked: { metadata: Metadata; message: Json }[] = [];
  beforeAll(async () => {
    files = await serving(({ url, headers }, response) => {
      const text = { '/pets.proto': PETS, '/kinds.proto': KINDS, '/broken.proto': 'message {' }[url ?? ''];
      if (text === undefined || headers.authorization === 'Bearer wrong') response.writeHead(404).end();
      else response.end(text);
    });
    const root = new protobuf.Root();
    root.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')!.nested!);
    for (const file of [PETS, KINDS]) protobuf.parse(file, root);
    const [ask, pet] = [root.lookupType('shop.Ask'), root.lookupType('shop.Pet')];
    const bytes = (given: Uint8Array) => Buffer.from(given);
    pets = new Server();
    pets.addService(
      {
        Get: {
          path: '/shop.Pets/Get',
          requestStream: false,
          responseStream: false,
          requestSerialize: bytes,
          requestDeserialize: (given: Buffer) =>
            ask.toObject(ask.decode(given), { longs: Number }) as Record<string, Json>,
          responseSerialize: (given: object) => bytes(pet.encode(pet.fromObject(given)).finish()),
          responseDeserialize: (given: Buffer) => given,
        },
      },
      {
        Get: (
          { metadata, request }: { metadata: Metadata; request: { petId: number; toys?: object[] } },
          answer: (error: Partial<ServiceError> | null, reply?: object) => void,
        ) => {
          asked.push({ metadata, message: request as Json });
          if (request.petId === 404) return answer({ code: status.NOT_FOUND, details: 'no such pet' });
          if (request.petId === 401) return answer({ code: status.UNAUTHENTICATED, details: 'who are you' });
          if (request.petId === 408) return undefined;
          const { petId, toys = [] } = request;
          return answer(null, { petId, name: 'Rex', kind: 1, picture: Buffer.from('x'), toys });
        },
      },
    );
    port = await new Promise<number>((resolve, reject) =>
      pets.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    calls = new OutsideCalls();
  });
  afterAll(async () => {
    await calls.close();
    pets.forceShutdown();
    files.stop();
  });

  const call = (
    given: Json,
    {
      file = 'pets.proto',
      policies = {},
      timeoutMs = 5_000,
      ...more
    }: { file?: string; policies?: object; timeoutMs?: number; [field: string]: unknown } = {},
  ) => {
    const request = {
      kind: 'grpc' as const,
      proto: `${files.origin}/${file}`,
      service: 'shop.Pets',
      host: '127.0.0.1',
      port,
      method: 'Get',
    };
    return calls.server({ ...request, ...more }, { request: { arguments: given }, ...policies }, timeoutMs);
  };

  it('gives the reply as JSON, and takes fields by either of their names', async () => {
    const toys = [{ name: 'ball' }];
    const made = await call({ pet_id: 7, toys, byName: { best: { name: 'bone' } }, since: { seconds: 12 } });
    expect(made).toEqual({ output: { petId: '7', name: 'Rex', kind: 'DOG', picture: 'eA==', toys } });
    expect(asked.at(-1)?.message).toMatchObject({
      petId: 7,
      toys,
      byName: { best: { name: 'bone' } },
      since: { seconds: 12 },
    });
  });

  it('says in its metadata who asks', async () => {
    await call({ petId: 1 }, { policies: { authentication: { bearer: { token: 'hunter-2' } } } });
    expect(asked.at(-1)?.metadata.get('authorization')).toEqual(['Bearer hunter-2']);
    const digest = { authentication: { digest: { username: 'ada', password: 'pw' } } };
    expect(await call({ petId: 1 }, { policies: digest })).toMatchObject({ error: { code: 'authentication.failed' } });
  });

  it.each<[string, Json, Parameters<typeof call>[1], string, RegExp]>([
    ['a status that is not OK', { petId: 404 }, {}, 'grpc.404', /127.0.0.1 answered NOT_FOUND: no such pet/],
    ['an unknown caller', { petId: 401 }, {}, 'grpc.401', /UNAUTHENTICATED/],
    ['a server that takes too long', { petId: 408 }, { timeoutMs: 300 }, 'http.timeout', /within 300 ms/],
    ['a server that is not there', {}, { port: 1 }, 'http.unreachable', /cannot be reached/],
    ['an address that is refused', {}, { host: '10.1.2.3' }, 'http.refused', /10.1.2.3/],
    ['a field that there is not', { pet: 1 }, {}, 'http.invalid', /arguments.pet is no field of Ask \(petId, toys/],
    ['a field inside of one', { toys: [{ nam: 'x' }] }, {}, 'http.invalid', /arguments.toys.0.nam is no field of Toy/],
    ['arguments that are none', [1], {}, 'expression.failed', /arguments must be an object/],
    ['a method that there is not', {}, { method: 'Put' }, 'http.invalid', /no method Put \(Get, Watch\)/],
    ['a streamed method', {}, { method: 'Watch' }, 'http.invalid', /only unary/],
    ['a service that there is not', {}, { service: 'shop.Cats' }, 'http.invalid', /no service shop.Cats/],
    ['a proto file that there is not', {}, { file: 'gone.proto' }, 'http.invalid', /not there: it answered 404/],
    ['a proto file that is none', {}, { file: 'broken.proto' }, 'http.invalid', /cannot be read/],
    [
      'a proto file that is not shown',
      {},
      { policies: { document: { bearer: { token: 'wrong' } } } },
      'http.invalid',
      /404/,
    ],
  ])('fails with %s', async (_, given, more, code, message) => {
    expect(await call(given, more)).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
  });

  it('is named in the record', () => {
    const request = {
      kind: 'grpc' as const,
      proto: 'x',
      service: 'shop.Pets',
      host: 'pets.example.com',
      method: 'Get',
    };
    expect(nameOf(request)).toBe('shop.Pets/Get pets.example.com');
  });
});
