import { Module } from '@nestjs/common';
import { ArdController } from './ard.controller.js';
import { ArdManifestController } from './ard-manifest.controller.js';
import { Ard } from './ard.service.js';

@Module({ controllers: [ArdManifestController, ArdController], providers: [Ard] })
export class ArdModule {}
