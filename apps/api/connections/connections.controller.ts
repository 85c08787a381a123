import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import {
  authorizationSchema,
  type ChangeConnection,
  changeConnectionSchema,
  connectionInUseSchema,
  connectionSchema,
  connectionTestSchema,
  type CreateConnection,
  createConnectionSchema,
  type PutCredential,
  putCredentialSchema,
  type RotateCredential,
  rotateCredentialSchema,
} from '../../../contracts/connections.js';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { CONNECTION_EXAMPLES } from './connection-examples.js';
import { AuthorizationService } from './authorization.service.js';
import { ConnectionsService } from './connections.service.js';

@Controller('v1/connections')
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly authorizations: AuthorizationService,
  ) {}

  @Post()
  @HttpCode(201)
  @Permission('connection:write')
  @Describe({
    summary: 'Create a connection',
    description:
      'An outside system that calls of definitions use by the name of the connection. The credential is sealed at rest, ' +
      'and never readable again.',
    answers: { 201: connectionSchema },
    errors: ['connection.conflict', 'dependency.unavailable'],
    examples: CONNECTION_EXAMPLES,
    idempotent: true,
  })
  create(@From() caller: Caller, @Body({ schema: createConnectionSchema }) connection: CreateConnection) {
    return this.connections.create(caller, connection);
  }

  @Get()
  @Permission('connection:read')
  @Describe({ summary: 'List connections by name', answers: { 200: pageSchema(connectionInUseSchema) } })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.connections.list(caller, page);
  }

  @Get(':id')
  @Permission('connection:read')
  @Describe({
    summary: 'One connection',
    description: 'With how many calls wait for it, and since when: by the priority of their runs and by age.',
    answers: { 200: connectionInUseSchema },
    errors: ['connection.not_found'],
  })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.connections.get(caller, id);
  }

  @Patch(':id')
  @Permission('connection:write')
  @Describe({
    summary: 'Change a connection',
    description: 'What is said changes; calls that begin from now on go by it.',
    answers: { 200: connectionSchema },
    errors: ['connection.not_found', 'connection.conflict'],
    examples: { limit: { rateLimit: { points: 10, durationMs: 1_000 } } },
  })
  change(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: changeConnectionSchema }) change: ChangeConnection,
  ) {
    return this.connections.change(caller, id, change);
  }

  @Put(':id/credential')
  @Permission('connection:write')
  @Describe({
    summary: 'Give a connection a new credential',
    description: 'Calls that begin from now on use it; the one before is destroyed.',
    answers: { 200: connectionSchema },
    errors: ['connection.not_found', 'dependency.unavailable'],
    examples: { token: { auth: { kind: 'bearer', token: 'the-next-token' } } },
  })
  putCredential(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: putCredentialSchema }) put: PutCredential,
  ) {
    return this.connections.putCredential(caller, id, put);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Permission('connection:write')
  @Describe({
    summary: 'Rotate the credential of a connection',
    description:
      'Calls that begin from now on use the new one. Where that is refused the one before is tried, for a day unless said; ' +
      'then it is destroyed. Keys that sign webhooks sign together.',
    answers: { 200: connectionSchema },
    errors: ['connection.not_found', 'dependency.unavailable'],
    examples: {
      day: { auth: { kind: 'bearer', token: 'the-next-token' } },
      hour: {
        auth: { kind: 'bearer', token: 'the-next-token' },
        expiresAt: '2099-01-01T00:00:00Z',
        overlapMs: 3_600_000,
      },
    },
    idempotent: true,
  })
  rotate(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: rotateCredentialSchema }) rotate: RotateCredential,
  ) {
    return this.connections.rotate(caller, id, rotate);
  }

  @Delete(':id/credential')
  @Permission('connection:write')
  @Describe({
    summary: 'Revoke a connection',
    description: 'Its credential is destroyed, and no call goes out until there is another.',
    answers: { 200: connectionSchema },
    errors: ['connection.not_found'],
  })
  revoke(@From() caller: Caller, @Param('id') id: string) {
    return this.connections.revoke(caller, id);
  }

  @Post(':id/authorize')
  @HttpCode(200)
  @Permission('connection:write')
  @Describe({
    summary: 'Ask a person to authorise a connection',
    description:
      'Of a credential `oauth2` with the grant `authorization_code`: where a person agrees in a browser (PKCE). The URL is ' +
      'good once, for ten minutes, as long as the key that asks for it is.',
    answers: { 200: authorizationSchema },
    errors: ['connection.not_found', 'connection.not_usable', 'dependency.unavailable'],
  })
  authorize(@From() caller: Caller, @Param('id') id: string) {
    return this.authorizations.start(caller, id);
  }

  @Post(':id/test')
  @HttpCode(200)
  @Permission('connection:test')
  @Describe({
    summary: 'Try a connection out',
    description: 'One request without effect, made by a worker. What the outside system says is the answer.',
    answers: { 200: connectionTestSchema },
    errors: ['connection.not_found', 'dependency.unavailable'],
  })
  test(@From() caller: Caller, @Param('id') id: string) {
    return this.connections.test(caller, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @Permission('connection:write')
  @Describe({
    summary: 'Delete a connection with its credential',
    answers: { 204: null },
    errors: ['connection.not_found'],
  })
  remove(@From() caller: Caller, @Param('id') id: string) {
    return this.connections.remove(caller, id);
  }
}
