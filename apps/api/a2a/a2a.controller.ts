import { Readable } from 'node:stream';
import { Controller, Get, Headers, HttpCode, Post, StreamableFile } from '@nestjs/common';
import { Describe } from '../common/describe.decorator.js';
import { Permission, Public } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
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
}
