import { describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import { type Channel, channelOf } from './asyncapi-document.js';

const ORDER = { type: 'object', required: ['id'] };
const TWO: Json = {
  asyncapi: '2.6.0',
  servers: {
    kafka: { url: 'broker:9092', protocol: 'kafka' },
    web: { url: 'https://{region}.example.com/v1/', protocol: 'https', variables: { region: { default: 'eu' } } },
    plain: { url: 'plain.example.com', protocol: 'http' },
    bus: { url: 'brikk', protocol: 'in-process' },
  },
  channels: {
    'orders/{shop}': {
      parameters: { shop: {} },
      publish: { operationId: 'order', message: { $ref: '#/components/messages/Order' } },
      subscribe: {
        operationId: 'hear',
        bindings: { http: { method: 'PUT' } },
        message: { oneOf: [{ $ref: '#/components/messages/Order' }, { payload: { type: 'string' } }] },
      },
    },
    'on.bus': { servers: ['bus'], publish: { operationId: 'tell', message: {} } },
    'on.kafka': { servers: ['kafka'], publish: { operationId: 'shout', message: {} } },
  },
  components: {
    messages: {
      Order: {
        contentType: 'application/vnd.order+json',
        correlationId: { location: '$message.payload#/id' },
        payload: { $ref: '#/components/schemas/Order' },
        headers: { type: 'object', required: ['x-team'] },
      },
    },
    schemas: { Order: ORDER },
  },
};

const THREE: Json = {
  asyncapi: '3.0.0',
  defaultContentType: 'application/json',
  servers: {
    web: { host: 'api.example.com', pathname: '/live', protocol: 'https' },
    other: { host: 'other.example.com', protocol: 'http' },
  },
  channels: {
    orders: {
      address: '/orders/{shop}',
      servers: [{ $ref: '#/servers/other' }],
      messages: { order: { payload: { schemaFormat: 'application/schema+json', schema: ORDER } } },
    },
    raw: { messages: { avro: { payload: { schemaFormat: 'application/vnd.apache.avro', schema: {} } } } },
  },
  operations: {
    order: { action: 'send', channel: { $ref: '#/channels/orders' }, bindings: { http: { method: 'PATCH' } } },
    some: {
      action: 'receive',
      channel: { $ref: '#/channels/raw' },
      messages: [{ $ref: '#/channels/orders/messages/order' }],
    },
  },
};

const of = (
  document: Json,
  asked: Partial<Parameters<typeof channelOf>[1]>,
  variables: Record<string, Json> = { shop: 'a b' },
): Channel => channelOf(document, { isPublished: true, ...asked }, variables);

describe('a channel of an AsyncAPI document', () => {
  it('is found by its operation in version 2, on the first server that can be spoken to', () =>
    expect(of(TWO, { operation: 'order' })).toEqual({
      over: { uri: 'https://eu.example.com/v1/orders/a%20b' },
      contentType: 'application/vnd.order+json',
      correlation: '/payload/id',
      schema: {
        properties: {
          payload: { $ref: '#/components/schemas/Order' },
          headers: { type: 'object', required: ['x-team'] },
        },
        components: { schemas: { Order: ORDER } },
      },
    }));

  it('is found by its name, with the operation of those who consume, and its messages', () =>
    expect(of(TWO, { channel: 'orders/{shop}', isPublished: false, server: 'plain', protocol: 'http' })).toMatchObject({
      over: { uri: 'http://plain.example.com/orders/a%20b', method: 'PUT' },
      schema: {
        anyOf: [{ properties: { headers: expect.anything() } }, { properties: { payload: { type: 'string' } } }],
      },
    }));

  it('goes by its server, where that is named, whatever protocol is wanted beside it', () =>
    expect(of(TWO, { channel: 'orders/{shop}', server: 'plain', protocol: 'kafka' }).over).toMatchObject({
      uri: 'http://plain.example.com/orders/a%20b',
    }));

  it('is inside of the installation when its server is', () =>
    expect(of(TWO, { operation: 'tell' })).toEqual({ over: { type: 'on.bus' } }));

  it('is found by its operation in version 3, on a server of its own', () =>
    expect(of(THREE, { operation: 'order' })).toEqual({
      over: { uri: 'http://other.example.com/orders/a%20b', method: 'PATCH' },
      contentType: 'application/json',
      schema: { properties: { payload: ORDER } },
    }));

  it('has the messages of its operation, before those of the channel', () =>
    expect(of(THREE, { operation: 'some' })).toMatchObject({
      over: { uri: 'https://api.example.com/live/raw' },
      schema: { properties: { payload: ORDER } },
    }));

  it('takes every message when schemas are in another format', () =>
    expect(of(THREE, { channel: 'raw' }).schema).toBeUndefined());

  it('takes the values of variables from the call first', () =>
    expect(of(TWO, { operation: 'order' }, { region: 'us', shop: 7 }).over).toEqual({
      uri: 'https://us.example.com/v1/orders/7',
    }));

  it.each<[string, Json, Parameters<typeof of>[1], Record<string, Json>?]>([
    ['it is no AsyncAPI document of version 2 or 3', { openapi: '3.0.0' }, { operation: 'x' }],
    ['it has no operation x (order, some)', THREE, { operation: 'x' }],
    ['it has no operation x (order, hear, tell, shout)', TWO, { operation: 'x' }],
    ['it has no channel x (orders, raw)', THREE, { channel: 'x' }],
    ['it has no channel x (orders/{shop}, on.bus, on.kafka)', TWO, { channel: 'x' }],
    ['it has no server x (kafka, web, plain, bus)', TWO, { operation: 'order', server: 'x' }],
    ['its servers speak kafka; messages go over http, https, in-process', TWO, { operation: 'shout' }],
    ['server.variables has no shop, which /orders/{shop} needs', THREE, { operation: 'order' }, {}],
    ['#/nowhere leads nowhere in it', { asyncapi: '3.0.0', channels: { a: { $ref: '#/nowhere' } } }, { channel: 'a' }],
  ])('refuses: %s', (message, document, asked, ...[variables]) =>
    expect(() => of(document, asked, variables)).toThrow(message),
  );
});
