import { Module } from '@nestjs/common';
import { AuthorizationService } from './authorization.service.js';
import { BreakersController } from './breakers.controller.js';
import { ConnectionsController } from './connections.controller.js';
import { ConnectionsService } from './connections.service.js';
import { OAuthController } from './oauth.controller.js';

/** Connections to outside systems. */
@Module({
  controllers: [ConnectionsController, OAuthController, BreakersController],
  providers: [ConnectionsService, AuthorizationService],
})
export class OutsideModule {}
