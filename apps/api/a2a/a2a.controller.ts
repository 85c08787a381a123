import { Readable } from 'node:stream';
import { Controller, Get, Headers, HttpCode, Param, Post, StreamableFile } from '@nestjs/common';
import { Describe } from '../common/describe.decorator.js';
import { Permission, Public } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import { type Caller, From } from '../common/request.js';
import { A2aCards } from './a2a-cards.service.js';
import { A2aOperation } from './a2a-operation.js';
import { type A2aRequest, FromA2a } from './a2a-request.js';
import { agentCardSchema, CARD_EXAMPLE } from './card-schema.js';
import { A2aJsonRpc } from './json-rpc.service.js';

const CARD_CACHE = 'public, max-age=300';

@Controller()
export class A2aController {
  constructor(
    private readonly rpc: A2aJsonRpc,
    private readonly cards: A2aCards,
  ) {}

  @Post('v1/a2a')
  @HttpCode(200)
  @Permission('run:read')
  @A2aOperation('A2A over JSON-RPC')
  async call(@FromA2a() request: A2aRequest) {
    const answer = await this.rpc.answer(request);
    return answer instanceof Readable ? new StreamableFile(answer, { type: 'text/event-stream' }) : answer;
  }

  @Get('.well-known/agent-card.json')
  @Public()
  @Describe({
    summary: 'The agent card of A2A',
    description: 'Says how Brikk is spoken to over A2A. What an organisation offers is in the extended card.',
    answers: { 200: agentCardSchema },
    answerExample: CARD_EXAMPLE,
  })
  card(@Headers('a2a-version') version = '', @Headers('if-none-match') known = '') {
    const { card, etag } = this.cards.published(version);
    const headers = { ETag: etag, 'Cache-Control': CARD_CACHE, Vary: 'A2A-Version' };
    return known === etag ? new Reply(304, undefined, headers) : new Reply(200, card, headers);
  }

  @Get('v1/agents/:id/agent-card.json')
  @Permission('agent:read')
  @Describe({
    summary: 'The A2A card of one agent',
    description:
      'Whatever its own protocol, it is spoken to over A2A through Brikk: a message to one of its skills is a run. The ' +
      'interfaces name the skill as their tenant where there is one alone; else messages name it.',
    answers: { 200: agentCardSchema },
    errors: ['agent.not_found'],
  })
  cardOfAgent(@From() caller: Caller, @Param('id') id: string) {
    return this.cards.ofAgent(caller, id);
  }
}
