import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import {
  type CreateOrganisation,
  createdOrganisationSchema,
  createOrganisationSchema,
  organisationSchema,
} from '../../../contracts/organisations.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { OrganisationsService } from './organisations.service.js';

@Controller('v1/organisations')
export class OrganisationsController {
  constructor(private readonly organisations: OrganisationsService) {}

  @Post()
  @HttpCode(201)
  @Permission('platform:admin')
  @Describe({
    summary: 'Create an organisation',
    description: 'Answers the key of its first owner once; a repeat answers `keyShown: true` instead.',
    answers: { 201: createdOrganisationSchema },
    examples: { organisation: { name: 'acme' } },
    idempotent: true,
  })
  create(@From() caller: Caller, @Body({ schema: createOrganisationSchema }) organisation: CreateOrganisation) {
    return this.organisations.create(caller, organisation);
  }

  @Get('current')
  @Permission('organisation:read')
  @Describe({ summary: 'The organisation of the key', answers: { 200: organisationSchema } })
  current(@From() caller: Caller) {
    return this.organisations.current(caller);
  }
}
