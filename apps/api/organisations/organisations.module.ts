import { Module } from '@nestjs/common';
import { OrganisationsController } from './organisations.controller.js';
import { OrganisationsService } from './organisations.service.js';
import { QuotasController } from './quotas.controller.js';
import { QuotasService } from './quotas.service.js';

@Module({
  controllers: [OrganisationsController, QuotasController],
  providers: [OrganisationsService, QuotasService],
})
export class OrganisationsModule {}
