import { Module } from '@nestjs/common';
import { ExpressionsController } from './expressions.controller.js';
import { ExpressionsService } from './expressions.service.js';
import { TransformsController } from './transforms.controller.js';

@Module({ controllers: [ExpressionsController, TransformsController], providers: [ExpressionsService] })
export class ExpressionsModule {}
