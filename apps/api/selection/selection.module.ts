import { Module } from '@nestjs/common';
import { SelectionController } from './selection.controller.js';
import { SelectionService } from './selection.service.js';

@Module({ controllers: [SelectionController], providers: [SelectionService] })
export class SelectionModule {}
