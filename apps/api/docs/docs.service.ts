import { Injectable } from '@nestjs/common';
import { Routes } from '../common/routes.js';
import { openApiDocument } from './open-api.js';

@Injectable()
export class DocsService {
  private cached: ReturnType<typeof openApiDocument> | undefined;

  constructor(private readonly routes: Routes) {}

  document() {
    return (this.cached ??= openApiDocument(this.routes.all));
  }
}
