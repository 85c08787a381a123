import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import helmet from 'helmet';
import { Logger } from 'nestjs-pino';
import { tenantInPath } from './a2a/tenant-in-path.js';
import { AppModule } from './app.module.js';
import { nameRequest } from './common/request-id.js';
import { DocsService } from './docs/docs.service.js';
import type { Settings } from './env.js';
import { Draining } from './health/draining.js';

/** The API, ready to listen. Neither Postgres nor Temporal must be up. */
export async function createApp(settings: Settings): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule.forRoot(settings), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.use(app.get(Draining).lettingGo);
  app.use(nameRequest);
  app.use(tenantInPath);
  app.use(helmet({ contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } } }));
  SwaggerModule.setup('docs', app, () => app.get(DocsService).document() as unknown as OpenAPIObject, { raw: false });
  return app;
}
