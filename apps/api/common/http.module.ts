import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { CallbackTokens } from './callback-tokens.js';
import { InputGuard } from './input.guard.js';
import { LastConnections } from './last-connections.js';
import { OwnAgent } from './own-agent.js';
import { ProblemFilter } from './problem.filter.js';
import { RateLimiter } from './rate-limiter.js';
import { Refusals } from './refusals.js';
import { ReplyInterceptor } from './reply.js';
import { Routes } from './routes.js';
import { SchemaPipe } from './schema.pipe.js';
import { WebhookSources } from './webhook-sources.js';

/** What every request goes through, in this order: access, input, schema; and what its failure becomes. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    Routes,
    RateLimiter,
    Refusals,
    OwnAgent,
    LastConnections,
    CallbackTokens,
    WebhookSources,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: InputGuard },
    { provide: APP_PIPE, useClass: SchemaPipe },
    { provide: APP_INTERCEPTOR, useClass: ReplyInterceptor },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  exports: [Routes, RateLimiter, Refusals, OwnAgent],
})
export class HttpModule {}
