import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { CallsController } from './calls.controller.js';
import { CallsService } from './calls.service.js';

@Module({ imports: [RunsModule], controllers: [CallsController], providers: [CallsService] })
export class CallsModule {}
