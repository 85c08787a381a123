import { Injectable, type OnModuleInit, RequestMethod, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { z } from 'zod';
import { DESCRIPTION, type Description } from './describe.decorator.js';
import { ACCESS, type Access } from './permission.decorator.js';

/** Keys of Nest's own decorators; its constants are not part of its public API. */
const NEST = { path: 'path', method: 'method', arguments: '__routeArguments__' } as const;
/** Kinds of parameters as Nest numbers them (RouteParamtypes). */
const BODY = 3;
const QUERY = 4;

/** `:id` in the path of a route; a colon that stands for itself has a backslash before it. */
const PARAMETER = /(?<!\\):(\w+)/g;

export type Handler = (...args: never[]) => unknown;
export interface Route {
  method: string;
  /** As OpenAPI writes it: `/v1/runs/{id}`. */
  path: string;
  pattern: RegExp;
  handler: Handler;
  access: Access;
  description: Description | undefined;
  body: z.ZodType | undefined;
  query: z.ZodType | undefined;
  tag: string;
}

/** Every route of the API, read from the controllers. Refuses to start when one says nothing about who may use it. */
@Injectable()
export class Routes implements OnModuleInit {
  readonly all: Route[] = [];
  private readonly byHandler = new Map<unknown, Route>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    for (const { metatype, instance } of this.discovery.getControllers()) {
      if (!metatype || !instance) continue;
      const prototype = Object.getPrototypeOf(instance) as Record<string, Handler>;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const route = readRoute(metatype as Type, prototype[name]!, name);
        if (!route) continue;
        this.all.push(route);
        this.byHandler.set(route.handler, route);
      }
    }
  }

  of(handler: unknown): Route {
    const route = this.byHandler.get(handler);
    if (!route) throw new Error('the handler belongs to no route');
    return route;
  }

  /** Methods that this path answers to; empty when there is no such path. */
  methodsOf(path: string): string[] {
    return this.all.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  }
}

function readRoute(controller: Type, handler: Handler, name: string): Route | undefined {
  const method = Reflect.getMetadata(NEST.method, handler) as RequestMethod | undefined;
  if (method === undefined) return undefined;
  const path = join(Reflect.getMetadata(NEST.path, controller), Reflect.getMetadata(NEST.path, handler));
  const access = Reflect.getMetadata(ACCESS, handler) as Access | undefined;
  if (!access) throw new Error(`${RequestMethod[method]} ${path} declares neither @Permission nor @Public`);
  const args = (Reflect.getMetadata(NEST.arguments, controller, name) ?? {}) as Record<string, { schema?: z.ZodType }>;
  const schemaOf = (kind: number) => Object.entries(args).find(([key]) => key.startsWith(`${kind}:`))?.[1].schema;
  return {
    method: RequestMethod[method],
    path: path.replace(PARAMETER, '{$1}').replaceAll('\\:', ':'),
    pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(PARAMETER, '[^/]+')}/?$`),
    handler,
    access,
    description: Reflect.getMetadata(DESCRIPTION, handler) as Description | undefined,
    body: schemaOf(BODY),
    query: schemaOf(QUERY),
    tag: controller.name.replace(/Controller$/, ''),
  };
}

function join(...parts: unknown[]): string {
  const path = parts.map(String).flatMap((part) => part.split('/').filter(Boolean));
  return `/${path.join('/')}`;
}
