import type { ConnectorAction, ConnectorTest } from '../connectors/lib/connector-action.js';
import { httpRequest } from '../connectors/web/http-request.action.js';
import { webhookSend } from '../connectors/webhook/webhook-send.action.js';
import type { CONNECTOR_FUNCTIONS, ConnectorFunction } from '../contracts/connector-functions.js';
import type { ProviderName } from '../contracts/providers.js';
import type { z } from 'zod';

type WithOf<Name extends ConnectorFunction> = z.infer<(typeof CONNECTOR_FUNCTIONS)[Name]['with']>;

/** Who carries out the functions of connectors. */
export const CONNECTOR_ACTIONS: { readonly [Name in ConnectorFunction]: ConnectorAction<WithOf<Name>> } = {
  'http.request': httpRequest,
  'webhook.send': webhookSend,
};

/** Test calls of providers whose record names no request for it. */
export const CONNECTOR_TESTS: { readonly [Name in ProviderName]?: ConnectorTest } = {};
