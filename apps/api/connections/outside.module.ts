import { Module } from '@nestjs/common';
import { BreakersController } from './breakers.controller.js';
import { ConnectionsController } from './connections.controller.js';
import { ConnectionsService } from './connections.service.js';

/** Connections to outside systems. */
@Module({ controllers: [ConnectionsController, BreakersController], providers: [ConnectionsService] })
export class OutsideModule {}
