import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import type { ErrorCode } from '../../../contracts/errors.js';
import type { Json } from '../../../contracts/json.js';

export const DESCRIPTION = 'brikk:description';

/** What the OpenAPI document says of a route beyond its path, permission and schemas of body and query. */
export interface Description {
  summary: string;
  description?: string;
  /** Answers by status; null: no body. */
  answers: Record<number, z.ZodType | null>;
  /** Failures of this route beyond those that every route has. */
  errors?: ErrorCode[];
  /** Media types the route can answer with; JSON unless said. */
  produces?: string[];
  /** Example bodies of the request by name. */
  examples?: Record<string, Json>;
  /** Of an answer whose schema has no example of its own, and of one that is text. */
  answerExample?: Json;
  textExample?: string;
  /** The body is a document in JSON or YAML, handed over as text; this is what it holds. */
  document?: z.ZodType;
  /** The body may be CloudEvents: their media type beside JSON. One may stand in `ce-` headers, its data in the body. */
  cloudEvent?: 'application/cloudevents+json' | 'application/cloudevents-batch+json';
  /** The body is handed over byte by byte, whatever it is, and the query not looked at; this is an example. */
  raw?: string;
  /** An operation that another protocol specifies: the OpenAPI document leaves it out. */
  protocol?: 'A2A' | 'ARD' | 'MCP';
  /** Largest body; 1 MiB unless said. */
  maxBodyBytes?: number;
  /** A creating POST: honours `Idempotency-Key`. */
  idempotent?: boolean;
  /** Honours `If-Match` and `If-None-Match: *`. */
  conditional?: boolean;
}

export const Describe = (description: Description) => SetMetadata(DESCRIPTION, description);
