import { Controller, Get, Header, Query, Req } from '@nestjs/common';
import { z } from 'zod';
import { type OAuthCallback, oauthCallbackSchema } from '../../../contracts/connections.js';
import { Describe } from '../common/describe.decorator.js';
import { Public } from '../common/permission.decorator.js';
import type { ApiRequest } from '../common/request.js';
import { AuthorizationService } from './authorization.service.js';

@Controller('v1/oauth')
export class OAuthController {
  constructor(private readonly authorizations: AuthorizationService) {}

  @Get('callback')
  @Public()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Referrer-Policy', 'no-referrer')
  @Describe({
    summary: 'Come back from an authority',
    description:
      'Where the browser of a person is sent who has agreed: the redirect URI of clients of OAuth. It needs no key, but a ' +
      'state that was asked for within the last ten minutes; that is taken once, whatever comes of it.',
    answers: { 200: z.string() },
    errors: ['oauth.state_invalid', 'oauth.denied', 'dependency.unavailable'],
    textExample: page('shop'),
    produces: ['text/html'],
  })
  async callback(@Req() { id }: ApiRequest, @Query({ schema: oauthCallbackSchema }) given: OAuthCallback) {
    return page((await this.authorizations.finish(given, id)).connection);
  }
}

/** Names of connections have no characters that HTML knows. */
function page(name: string): string {
  const title = `The connection ${name} is authorised`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><p>${title}. You can close this window.</p></html>\n`;
}
