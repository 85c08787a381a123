import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { pageSchema } from '../../../contracts/lists.js';
import {
  type ListSessions,
  listSessionsSchema,
  type OpenSession,
  openSessionSchema,
  type SaveSession,
  saveSessionSchema,
  sessionSchema,
  sessionSummarySchema,
} from '../../../contracts/sessions.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { SessionsService } from './sessions.service.js';

@Controller('v1')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Post('agents/:id/instances/:instanceId/sessions')
  @Permission('session:write')
  @Describe({
    summary: 'Open a session of an agent, or take it over',
    description:
      'The instance has the session from now on. What the one before it saved is in `state`; it can save no more.',
    answers: { 200: sessionSchema, 201: sessionSchema },
    errors: ['agent.not_found', 'instance.not_found'],
    examples: { browser: { key: 'checkout-4711', ttlMs: 600_000 } },
  })
  open(
    @From() caller: Caller,
    @Param('id') agentId: string,
    @Param('instanceId') instanceId: string,
    @Body({ schema: openSessionSchema }) request: OpenSession,
  ) {
    return this.sessions.open(caller, { agentId, instanceId }, request);
  }

  @Get('sessions')
  @Permission('session:list')
  @Describe({ summary: 'List the sessions of agents', answers: { 200: pageSchema(sessionSummarySchema) } })
  list(@From() caller: Caller, @Query({ schema: listSessionsSchema }) query: ListSessions) {
    return this.sessions.list(caller, query);
  }

  @Get('sessions/:id')
  @Permission('session:read')
  @Describe({ summary: 'One session with its state', answers: { 200: sessionSchema }, errors: ['session.not_found'] })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.sessions.get(caller, id);
  }

  @Put('sessions/:id')
  @Permission('session:write')
  @Describe({
    summary: 'Save the state of a session',
    description: '409 when another instance has taken it over since it was opened.',
    answers: { 200: sessionSummarySchema },
    errors: ['session.not_found', 'session.moved', 'session.too_large'],
    examples: { page: { state: { url: 'https://shop.example/cart' }, handOvers: 0 } },
  })
  save(@From() caller: Caller, @Param('id') id: string, @Body({ schema: saveSessionSchema }) change: SaveSession) {
    return this.sessions.save(caller, id, change);
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @Permission('session:write')
  @Describe({
    summary: 'End a session',
    description:
      'The next call under its key begins anew. What its instance holds of it goes then, or when its time is over.',
    answers: { 204: null },
    errors: ['session.not_found'],
  })
  end(@From() caller: Caller, @Param('id') id: string) {
    return this.sessions.end(caller, id);
  }
}
